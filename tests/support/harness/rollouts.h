// What tests of rollouts share: a subject, runs that are evidence for it, and a store on a clock that the test moves.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "harness/rollout/flags.h"
#include "harness/rollout/rollouts.h"
#include "harness/store/record.h"

namespace wan::testing {

// `fast` of good_run(), on the model "fake".
rollout::Subject fast_subject();

// A run of `fast` over `prompts` prompts with `seeds` seeds each, the roadmap's categories in turn, that began at `started_at`. Every gate
// is held; of a single prompt those are that can be.
store::RunRecord evidence_run(std::size_t prompts, std::size_t seeds, const std::string& started_at = "2026-02-01T00:00:00Z");

// What three nights of evidence_run agreed on, with the floor of its bf16_twin.
baseline::Baseline promoted_baseline();

// Begins at 2026-01-31T00:00:00Z; every look at the clock is a second later. fa2 and fp8_linear are known.
class RolloutSandbox {
 public:
  explicit RolloutSandbox(std::filesystem::path root) : root_(std::move(root)) {}
  rollout::Store store();
  // Puts the run into the store; returns its folder.
  std::filesystem::path put(const std::string& name, const store::RunRecord& run) const;
  rollout::State state() const;
  rollout::FeatureFlags flags() const;
  const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
  std::int64_t now_s_ = 1769817600;
};

}  // namespace wan::testing
