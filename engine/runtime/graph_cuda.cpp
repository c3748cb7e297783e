#include "engine/runtime/graph_cuda.h"

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAStream.h>

#include <memory>

namespace wan::runtime {

void leave_default_stream_cuda(int index) {
  c10::cuda::setCurrentCUDAStream(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, static_cast<c10::DeviceIndex>(index)));
}

std::function<void()> record_cuda(const std::function<void()>& body) {
  auto graph = std::make_shared<at::cuda::CUDAGraph>();
  c10::cuda::getCurrentCUDAStream().synchronize();
  graph->capture_begin();
  try {
    body();
  } catch (...) {
    try {
      graph->capture_end();            // so that the device can be used again
    } catch (const std::exception&) {  // the first error tells more
    }
    throw;
  }
  graph->capture_end();
  return [graph] { graph->replay(); };
}

}  // namespace wan::runtime
