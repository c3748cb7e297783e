// What the key of a tensor in a LoRA file means: which layer of which expert, and which part of its change.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/checkpoint/source.h"

namespace wan::checkpoint {

enum class LoraPart { down, up, alpha, weight_difference, bias_difference };

struct LoraKey {
  std::string module;  // the layer's official name
  LoraPart part;
  bool low_noise = false;  // it names the low-noise expert
};

class LoraKeys {
 public:
  explicit LoraKeys(const TensorTable& table);

  // Nothing if the key names no layer of the table, or more than one, or an unknown part.
  std::optional<LoraKey> parse(std::string_view key) const;

 private:
  std::map<std::string, std::string, std::less<>> dotted_;  // official and diffusers names of layers -> official name
  std::map<std::string, std::string, std::less<>> joined_;  // the same with '_' for '.'; empty where two layers fall together
};

}  // namespace wan::checkpoint
