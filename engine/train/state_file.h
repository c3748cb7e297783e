// The state of a training on disk: one safetensors file that appears whole or not at all. It names what it is the state of, so that a run
// is never continued with other settings.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "engine/train/network.h"

namespace wan::train {

struct TrainingState {
  std::string settings;  // of the training, in words; equal or it cannot be continued
  std::int64_t step = 0;
  std::map<std::string, TensorMap> networks = {};
};

// Throw UsageError with the path and the reason. With `settings`, a state of others is refused.
void write_state(const TrainingState& state, const std::filesystem::path& path);
TrainingState read_state(const std::filesystem::path& path, const std::optional<std::string>& settings = {});

// A network of the state. Throws UsageError, beginning with `place`, if it is not in it.
const TensorMap& network_of(const TrainingState& state, const std::string& name, const std::string& place);

}  // namespace wan::train
