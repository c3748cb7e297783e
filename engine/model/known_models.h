// The released text-to-video models: how to recognise one by its dimensions, and what no file of theirs says. The one table of them.
#pragma once

#include <cstdint>
#include <span>

namespace wan::model {

struct TransformerConfig;

struct KnownModel {
  const char* task;
  std::int64_t heads, head_dim, layers, latent_channels;
  bool two_experts;
  double boundary;         // of the experts, in [0, 1]; 0 for a single one
  double diffusers_shift;  // flow_shift of the scheduler in the diffusers conversion
  // Defaults of the official command line.
  std::int64_t width, height, frames, steps;
  double shift, guidance_low, guidance_high, frames_per_second;
};

std::span<const KnownModel> known_models();

// The released model with these dimensions; else one of the same kind (latent channels, experts), for its sampling defaults.
const KnownModel& nearest_model(const TransformerConfig& config, bool two_experts);
bool is_model(const KnownModel& model, const TransformerConfig& config, bool two_experts);

}  // namespace wan::model
