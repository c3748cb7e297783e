// The CUDA variant of ops::residual_norm_modulate (plug-in). Takes what the kernel can: contiguous rows on the device, no gradients.
#pragma once

#include <optional>

#include "engine/ops/residual_norm_modulate.h"

namespace wan::ops {

// Nothing if the kernel cannot take these operands; then the reference path serves.
std::optional<ResidualAndActivation> residual_norm_modulate_cuda(const ResidualNormModulate& in);

}  // namespace wan::ops
