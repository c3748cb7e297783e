#include "engine/ops/residual_norm_modulate.h"

#include <ATen/ops/addcmul.h>
#include <ATen/ops/layer_norm.h>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::ops {

ResidualAndActivation residual_norm_modulate(const ResidualNormModulate& in) {
  WAN_CHECK(in.residual.dim() == 3, "residual must be [B, L, d], got {} dimensions", in.residual.dim());
  at::Tensor x = widened(in.residual);
  if (in.update.defined()) x = in.gate.defined() ? at::addcmul(x, widened(in.update), in.gate) : x + in.update;
  at::Tensor y = at::layer_norm(x, {x.size(2)}, in.norm_weight.defined() ? std::optional(in.norm_weight) : std::nullopt,
                                in.norm_bias.defined() ? std::optional(in.norm_bias) : std::nullopt, in.eps);
  if (in.scale.defined()) y = at::addcmul(in.shift, y, in.scale + 1.0);
  return {.residual = std::move(x), .activation = {.tensor = y.to(static_cast<at::ScalarType>(in.output_dtype))}};
}

}  // namespace wan::ops
