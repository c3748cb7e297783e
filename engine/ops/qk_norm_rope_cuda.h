// The CUDA variant of ops::norm_rope (plug-in), differentiable. Takes dense rows of float32 or bfloat16, in training of at most 512
// columns.
#pragma once

#include <optional>

#include "engine/seams.h"

namespace wan::ops {

// [B, heads, L, hd] of x [B, L, d]; nothing if the kernel cannot take these operands: then the reference path serves.
std::optional<at::Tensor> norm_rope_cuda(const at::Tensor& x, const at::Tensor& weight, const QkNormRope& in);

}  // namespace wan::ops
