// Feature flags: the one TOML file by which a rollout tells wan-generate which configuration to apply. Each flag carries the optimisations
// that the evidence was about, so that a tier file which changes later changes nothing that is served.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/optimization_info.h"
#include "harness/plan/parse.h"
#include "harness/rollout/rollout.h"

namespace wan::rollout {

inline constexpr const char* kFlagsFile = "flags.toml";  // in the store's folder, unless a start says otherwise

struct Flag {
  std::string configuration;
  bool enabled = false;
  std::string phase, since, reason = {};  // for people: how far it has come, UTC since when, why it was rolled back
  std::optional<double> guidance = {};    // both scales, where the configuration fixes them
  std::vector<OptimizationChoice> optimizations = {};
  bool operator==(const Flag&) const = default;
};

struct FeatureFlags {
  std::vector<Flag> flags = {};  // those that are served last, in the order in which they reached production

  const Flag* find(const std::string& configuration) const;  // nullptr if there is none
  // The last one that is enabled: rolled back, it leaves the one before it. nullptr: none, so the reference path.
  const Flag* served() const;
  bool operator==(const FeatureFlags&) const = default;
};

std::string to_toml(const FeatureFlags& flags);
// Strict, as every config (harness/plan): UsageError with all faults, each with `source`, line and column.
FeatureFlags parse_flags(std::string_view text, const std::string& source, const plan::Known& known);
FeatureFlags read_flags(const std::filesystem::path& path, const plan::Known& known);

// What the file should say. A flag is on only if its rollout is in production, and either was on `before` or is the one that is being
// turned on now: whoever set it off by hand is not overruled by the next command.
FeatureFlags flags_of(const State& state, const FeatureFlags& before, const std::string& turned_on = {});

// Where the state says that the flags are. CheckError if no rollout was ever started.
std::filesystem::path flags_path(const std::filesystem::path& root, const State& state);
// What a start records of `path`: relative to the store's folder if it lies inside, so that both can be moved together.
std::string flags_place(const std::filesystem::path& root, const std::filesystem::path& path);

}  // namespace wan::rollout
