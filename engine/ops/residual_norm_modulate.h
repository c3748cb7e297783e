// x = residual + gate * update, then LayerNorm, then * (1 + scale) + shift (wan.md 2.4, steps 2, 4, 5, 6): what stands between two GEMMs.
// Everything is computed in float32 and rounded once, to the dtype that the next GEMM wants.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/layer.h"
#include "engine/seams.h"

namespace wan {

struct ResidualAndActivation {
  at::Tensor residual;    // [B, L, d] float32
  Activation activation;  // [B, L, d] in the output dtype
};

namespace ops {

// The reference path in ATen operators, differentiable.
ResidualAndActivation residual_norm_modulate(const ResidualNormModulate& in);

}  // namespace ops
}  // namespace wan
