#include "engine/checkpoint/lora_keys.h"

#include <algorithm>
#include <array>

namespace wan::checkpoint {
namespace {

struct Suffix {
  std::string_view text;
  LoraPart part;
};
constexpr std::array<Suffix, 9> kSuffixes = {{{".lora_A.weight", LoraPart::down},
                                              {".lora_B.weight", LoraPart::up},
                                              {".lora_A.default.weight", LoraPart::down},
                                              {".lora_B.default.weight", LoraPart::up},
                                              {".lora_down.weight", LoraPart::down},
                                              {".lora_up.weight", LoraPart::up},
                                              {".alpha", LoraPart::alpha},
                                              {".diff", LoraPart::weight_difference},
                                              {".diff_b", LoraPart::bias_difference}}};

constexpr std::string_view kWeight = ".weight", kLowNoise = "transformer_2.";
constexpr std::array<std::string_view, 5> kPrefixes = {"base_model.model.", "model.", "diffusion_model.", "transformer.", kLowNoise};
constexpr std::array<std::string_view, 2> kJoinedPrefixes = {"lora_unet_", "lora_transformer_"};

bool remove_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::string join(std::string name) {
  std::ranges::replace(name, '.', '_');
  return name;
}

}  // namespace

LoraKeys::LoraKeys(const TensorTable& table) {
  for (const TensorSpec& spec : table) {
    if (!spec.name.ends_with(kWeight)) continue;
    const std::string ours = spec.name.substr(0, spec.name.size() - kWeight.size());
    const std::string theirs = spec.diffusers.substr(0, spec.diffusers.size() - kWeight.size());
    for (const std::string& name : {ours, theirs}) {
      dotted_[name] = ours;
      const auto [at, added] = joined_.emplace(join(name), ours);
      if (!added && at->second != ours) at->second.clear();
    }
  }
}

std::optional<LoraKey> LoraKeys::parse(std::string_view key) const {
  const auto suffix = std::ranges::find_if(kSuffixes, [&](const Suffix& s) { return key.ends_with(s.text); });
  if (suffix == kSuffixes.end()) return std::nullopt;
  key.remove_suffix(suffix->text.size());
  LoraKey found{.module = {}, .part = suffix->part};
  const auto* names = &dotted_;
  for (const std::string_view prefix : kJoinedPrefixes)
    if (names == &dotted_ && remove_prefix(key, prefix)) names = &joined_;
  for (const std::string_view prefix : kPrefixes)
    if (names == &dotted_ && remove_prefix(key, prefix) && prefix == kLowNoise) found.low_noise = true;
  const auto module = names->find(key);
  if (module == names->end() || module->second.empty()) return std::nullopt;
  found.module = module->second;
  return found;
}

}  // namespace wan::checkpoint
