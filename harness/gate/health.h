// What must be true before any score counts: the clips exist, are finite, and the detectors are quiet.
#pragma once

#include <vector>

#include "harness/gate/suite_scores.h"
#include "harness/gate/verdict.h"

namespace wan::gate {

// Crashes, memory, values that are not finite (each rejects), and, only where there is one, the fault that makes the measurement incomplete
// (clips to come: inconclusive) or invalid (clips unusable, baseline absent or broken). With the audits (audit.h).
std::vector<Criterion> judge_health(const store::RunRecord& run, const store::ConfigurationRecord& candidate);

// An exact optimisation must give the baseline's clips bit for bit. Empty for any other.
std::vector<Criterion> judge_bit_equality(const store::RunRecord& run, const store::ConfigurationRecord& candidate);

// Share of clips in which a detector fired. Above `bound` the outcome is `beyond`.
Criterion judge_artifacts(const store::ConfigurationRecord& candidate, double bound, Outcome beyond);

}  // namespace wan::gate
