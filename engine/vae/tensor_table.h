// The tensors of a VAE checkpoint, made from its config: 194 for Wan2.1, 196 for Wan2.2.
#pragma once

#include "engine/checkpoint/weights.h"

namespace wan::vae {

struct VaeConfig;

checkpoint::TensorTable tensor_table(const VaeConfig& config);

}  // namespace wan::vae
