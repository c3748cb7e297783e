// The rollouts of one store, as commands act on them: each takes the log's lock, decides, appends at most one event, and then makes the
// file of flags say what the state says. The event comes first: killed between the two, a command leaves flags that may lag behind, and
// every later command switches off what should be off; on is switched by `advance` alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/baseline/baseline.h"
#include "harness/plan/parse.h"
#include "harness/rollout/evidence.h"
#include "harness/rollout/production.h"
#include "harness/rollout/rollout.h"
#include "harness/store/record.h"

namespace wan::rollout {

struct Store {
  std::filesystem::path root;                                              // holds the runs and the log
  plan::Known known;                                                       // what this build offers: flags name optimisations
  std::function<store::RunRecord(const std::filesystem::path&)> read_run;  // every seal checked
  std::function<std::int64_t()> now_s;                                     // since the epoch
};

// UsageError if the configuration is under way, or is what others are compared with. `flags`: empty for flags.toml in the store.
void start(const Store& store, const Subject& subject, const std::filesystem::path& flags = {});

struct Considered {
  std::string run;  // folder or file
  Finding finding;
};

struct Advance {
  Phase from = Phase::single_prompt;
  std::optional<Phase> to = {};  // absent: evidence is missing, or it was rolled back
  bool rolled_back = false;
  bool switched_on_again = false;           // it was in production, and its flag was off
  std::string reason = {};                  // of the rollback
  std::vector<Considered> considered = {};  // runs of this rollout, the latest first
};

// Looks at every run of the store that began after the rollout did, and at `named`, which may be older or lie elsewhere. One failure among
// them rolls back; else the phase ends if `named`, or without it any of them, is evidence. UsageError where no phase can follow.
Advance advance(const Store& store, const std::string& configuration, const std::filesystem::path& named = {});

struct Watch {
  Comparison comparison;
  bool rolled_back = false;
  std::string reason = {};
};

// Production's samples against the promoted baseline; what is shown to be worse rolls back. UsageError unless it is in production.
Watch watch(const Store& store, const std::string& configuration, const Samples& samples, const baseline::Baseline& promoted);

// By a person. `reason` may be empty.
void roll_back(const Store& store, const std::string& configuration, const std::string& reason);

}  // namespace wan::rollout
