#include "engine/ops/qk_norm_rope.h"

#include <ATen/ops/complex.h>
#include <ATen/ops/rms_norm.h>
#include <ATen/ops/view_as_complex.h>
#include <ATen/ops/view_as_real.h>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::ops {

at::Tensor norm_rope(const at::Tensor& x, const at::Tensor& weight, const QkNormRope& in) {
  const auto d = x.size(2), head_dim = d / in.heads;
  WAN_CHECK(x.dim() == 3 && d % in.heads == 0, "expected [B, L, heads * head_dim], got width {} for {} heads", d, in.heads);
  at::Tensor y = at::rms_norm(x.to(at::kFloat), {d}, weight.to(at::kFloat), in.eps);  // [B, L, d]
  y = y.unflatten(2, {in.heads, head_dim});                                           // [B, L, heads, hd]
  if (in.cosine.defined()) {
    const at::Tensor rotation = at::complex(in.cosine, in.sine).unsqueeze(1);                            // [L, 1, hd / 2]
    y = at::view_as_real(at::view_as_complex(y.unflatten(3, {head_dim / 2, 2})) * rotation).flatten(3);  // [B, L, heads, hd]
  }
  return y.to(x.scalar_type()).transpose(1, 2);  // [B, heads, L, hd]
}

std::array<at::Tensor, 2> qk_norm_rope(const QkNormRope& in) {
  return {in.query.defined() ? norm_rope(in.query, in.query_weight, in) : at::Tensor(),
          in.key.defined() ? norm_rope(in.key, in.key_weight, in) : at::Tensor()};
}

}  // namespace wan::ops
