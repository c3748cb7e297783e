#include "engine/ops/attention.h"

#include <ATen/ops/scaled_dot_product_attention.h>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::ops {

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  WAN_CHECK(q.dim() == 4 && k.dim() == 4 && k.sizes() == v.sizes() && q.size(3) == k.size(3),
            "q, k, v must be [B, heads, L, hd] with one head size");
  return at::scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2);  // [B, L, heads * hd]
}

}  // namespace wan::ops
