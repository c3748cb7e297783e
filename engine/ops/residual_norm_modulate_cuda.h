// The CUDA variant of ops::residual_norm_modulate (plug-in), differentiable. Takes what its kernels can: contiguous rows on the device, in
// training of at most 512 columns and normed by either a weight or the modulation.
#pragma once

#include <optional>

#include "engine/ops/residual_norm_modulate.h"

namespace wan::ops {

// Nothing if the kernel cannot take these operands; then the reference path serves.
std::optional<ResidualAndActivation> residual_norm_modulate_cuda(const ResidualNormModulate& in);

}  // namespace wan::ops
