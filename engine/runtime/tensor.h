// The prelude of every file that touches tensors: the one way ATen enters our tree. Add `ATen/ops/<name>.h` for each free function called.
// ivalue.h comes first for older LibTorch with clang.
#pragma once

#include <ATen/core/ivalue.h>
//
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

namespace wan {

// What sums, norms and residual streams are computed in: float32, but float64 where that came in (gradient checks).
inline at::ScalarType at_least_float32(at::ScalarType type) { return type == at::kDouble ? at::kDouble : at::kFloat; }
inline at::Tensor widened(const at::Tensor& x) { return x.to(at_least_float32(x.scalar_type())); }

}  // namespace wan
