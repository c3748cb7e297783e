// ops::project on a CUDA device where autograd follows it: the same product, but the bias's gradient is one of our kernels, since
// LibTorch's sum over rows takes longer than the product.
#pragma once

#include <optional>

#include "engine/layer.h"

namespace wan::ops {

// Nothing if autograd does not follow, or the layer is no plain one with a bias: then the reference path serves.
std::optional<at::Tensor> project_cuda(const Linear& layer, const Activation& x);

}  // namespace wan::ops
