// RMSNorm of q and k over the full width (all heads together), split into heads, 3-D RoPE on interleaved pairs (wan.md 2.3, 2.5).
#pragma once

#include <ATen/core/Tensor.h>

#include <array>

#include "engine/seams.h"

namespace wan::ops {

// Results [B, heads, L, head_dim], undefined where the input is, in the inputs' dtype; computed in float32 and rounded once. Reference
// path, differentiable; on the CPU one pass where no gradient is followed.
std::array<at::Tensor, 2> qk_norm_rope(const QkNormRope& in);

// One side alone (cross attention norms the key of the text once and the query each step). [B, L, d] -> [B, heads, L, head_dim]
at::Tensor norm_rope(const at::Tensor& x, const at::Tensor& weight, const QkNormRope& in);

}  // namespace wan::ops
