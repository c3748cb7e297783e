// What production made, held against what was promoted. Pure.
#pragma once

#include <vector>

#include "harness/baseline/baseline.h"
#include "harness/gate/verdict.h"
#include "harness/rollout/rollout.h"
#include "harness/store/record.h"

namespace wan::rollout {

// Clips of one configuration, and what the gates of the runs that made them said against it (evidence.h), if they did.
struct Samples {
  store::ConfigurationRecord clips = {};
  std::vector<gate::Criterion> failures = {};
};

struct Comparison {
  gate::GateResult gate;
  std::size_t clips = 0, prompts = 0;
};

// Rejected at once: what a run's own gates failed or rejected (its speed too), a crash, memory exhausted, values that are not finite,
// detectors firing on more than the permitted share of clips, SSIM under the rejecting bound. Else every score's loss, prompt by prompt,
// against the promoted level: the figure that several nights agreed on for this configuration, or the noise floor where that is the worse
// of the two (no clip need be nearer than an equally valid one's). A distance of `calibrated_ratio` times the level is what matters; failed
// is what is shown to be beyond it, held what is shown not to be. Without a figure of this configuration the floor alone is the level, if
// its deciding gate is the calibrated one; else the outcome is invalid with the code no_baseline. So it is where the baseline has no floor,
// or is of another machine class, model or shape.
Comparison compare_with_promoted(const Subject& subject, const Samples& samples, const baseline::Baseline& promoted);

}  // namespace wan::rollout
