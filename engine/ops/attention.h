// softmax(q k^T / sqrt(hd)) v, without mask: the text's padding rows are attended too (wan.md 2.5).
#pragma once

#include <ATen/core/Tensor.h>

namespace wan::ops {

// q [B, heads, L, hd], k and v [B, heads, Lk, hd], one dtype. Result [B, L, heads * hd]. LibTorch's own choice of algorithm.
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);

}  // namespace wan::ops
