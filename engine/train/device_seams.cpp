#include "engine/train/device_seams.h"

#include "engine/reference_seams.h"
#include "engine/runtime/plugin.h"

namespace wan::train {

Seams device_seams(at::Device device) {
  Seams seams = reference_seams();
  if (device.is_cuda()) runtime::load_cuda_plugin().fill_seams(seams);
  return seams;
}

}  // namespace wan::train
