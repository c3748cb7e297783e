// Which LoRA files are meant for which expert.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/checkpoint/lora.h"
#include "engine/generation.h"

namespace wan {

struct LoraFiles {
  std::vector<checkpoint::LoraFile> high_noise, low_noise;  // a single expert is all high_noise
};

// Throws UsageError with every path that cannot be used, and why.
LoraFiles find_loras(std::span<const LoraRequest> requests, bool two_experts);

// `weights` with what is merged into them; itself if there is nothing.
std::string hash_with_loras(const std::string& weights, const LoraFiles& loras);

}  // namespace wan
