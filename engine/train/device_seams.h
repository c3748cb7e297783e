// What training computes through: the reference path, on a CUDA device with the plug-in's kernels where they follow gradients.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/seams.h"

namespace wan::train {

Seams device_seams(at::Device device);

}  // namespace wan::train
