// Rollouts as text for people and as JSON.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "harness/rollout/flags.h"
#include "harness/rollout/rollouts.h"

namespace wan::cli {

// A store's rollouts and what their file of flags says.
struct RolloutView {
  std::filesystem::path root;
  rollout::State state;
  rollout::FeatureFlags flags = {};
  std::string flags_fault = {};  // why the file cannot be read; empty if it can
};

// The command that makes evidence for the phase; empty in production.
std::string evidence_command(const rollout::Rollout& one, const std::filesystem::path& root);
// What a person does next, a line or two.
std::string next_step(const RolloutView& view, const rollout::Rollout& one);

// One table, then what comes next. `only`: empty for all.
std::string status_text(const RolloutView& view, const std::string& only = {});
std::string advance_text(const rollout::Advance& step);
std::string watch_text(const rollout::Watch& watch);

// {"store":...,"flags_file":...,"served":...,"rollouts":[...]}
std::string status_json(const RolloutView& view, const std::string& only = {});
std::string advance_json(const rollout::Advance& step);
std::string watch_json(const rollout::Watch& watch);

const char* to_string(rollout::Says says);

}  // namespace wan::cli
