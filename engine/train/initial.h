// Where training starts from: weights by their names' seed, equal on every machine.
#pragma once

#include <cstdint>

#include "engine/checkpoint/weights.h"
#include "engine/model/config.h"
#include "engine/text/umt5.h"
#include "engine/vae/config.h"

namespace wan::train {

// All float32 on the CPU, uniform with the variance 1 / fan-in. The transformer's head starts at zero, so the first velocity is zero, and
// its text and time embeddings small (wan.md 2); T5's queries carry the 1 / sqrt(d_kv) that its attention lacks; the VAE's attention starts
// as the identity.
checkpoint::Weights initial_transformer(const model::TransformerConfig& config, std::uint64_t seed);
checkpoint::Weights initial_text_encoder(const text::Umt5Config& config, std::uint64_t seed);
checkpoint::Weights initial_vae(const vae::VaeConfig& config, std::uint64_t seed);

}  // namespace wan::train
