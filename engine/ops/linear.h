// The reference linear layers of the seams: input rounded to the weight's dtype, float32 accumulation, output rounded once.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "engine/layer.h"

namespace wan::ops {

at::Tensor project(const Linear& layer, const Activation& x);                               // [..., in] -> [..., out]
std::vector<at::Tensor> project_each(std::span<const Linear> layers, const Activation& x);  // one output a layer
at::Tensor ffn(const Linear& up, const Linear& down, const Activation& x);                  // GELU(tanh) between
at::Tensor embed(const Linear& table, const at::Tensor& indices);                           // rows [n, in] of indices [n]
at::Tensor convolve(const Convolution& layer, const at::Tensor& x);                         // 2-D or 3-D by the weight

}  // namespace wan::ops
