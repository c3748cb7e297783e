// The reference linear layers of the seams: input rounded to the weight's dtype, float32 accumulation, output rounded once.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "engine/layer.h"

namespace wan {
struct Seams;
}

namespace wan::ops {

// Sets `project`, and `qkv` and `ffn` (GELU(tanh) between) by it.
void set_linears(Seams& seams, const std::function<at::Tensor(const Linear& layer, const Activation& x)>& project);

at::Tensor project(const Linear& layer, const Activation& x);        // [..., in] -> [..., out]
at::Tensor embed(const Linear& table, const at::Tensor& indices);    // rows [n, in] of indices [n]
at::Tensor convolve(const Convolution& layer, const at::Tensor& x);  // 2-D or 3-D by the weight

}  // namespace wan::ops
