// A checkpoint whose configs are given and whose weights come from a seed: what the embedded model is before training, and what the
// reference cases of the tests are made of.
#pragma once

#include <cstdint>
#include <filesystem>

namespace wan {

// `root` holds the configs of the diffusers layout; writes each component's weights beside its config, in bfloat16. The text encoder draws
// from `seed`, transformer, transformer_2 and vae from the three seeds behind it. Throws UsageError for configs that describe no model.
void write_random_weights(const std::filesystem::path& root, std::uint64_t seed);

}  // namespace wan
