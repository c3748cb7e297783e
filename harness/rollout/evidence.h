// What a stored run says of a rollout: does it end the phase, or end the rollout? Pure.
#pragma once

#include <string>

#include "harness/gate/verdict.h"
#include "harness/rollout/rollout.h"
#include "harness/store/record.h"

namespace wan::rollout {

enum class Says {
  nothing,     // it is about something else: another configuration, model, machine class or shape
  too_little,  // it is about this and held nothing yet: too small, unfinished, inconclusive, invalid
  held,        // evidence for the phase
  rejected     // a gate failed or rejected
};

struct Finding {
  Says says = Says::nothing;
  std::string reason = {};  // a code and details
  Evidence evidence = {};   // of `held` and `rejected`
};

// Held is a run whose deciding gates are held and that has the prompts and seeds that the phase asks for; a larger one serves a smaller
// phase. A failure counts whatever the size, since more data cannot undo it. Where a phase asks for a single prompt no gate can be held
// (one prompt has no interval), so there every measured value must itself meet its bound.
Finding examine(const store::RunRecord& run, const Subject& subject, Phase phase);

// Which gate failed or rejected the configuration in this run, and why; no name if none did. Its name is `gates`.
gate::Criterion judged_bad(const store::RunRecord& run, const std::string& configuration);

// The subject with what the first evidence fixes: weights, machine class, shape.
Subject fixed_by(const Subject& subject, const store::RunRecord& run);

// What of the run is not what the rollout is about; empty if it all is.
std::string difference(const store::RunRecord& run, const Subject& subject);

}  // namespace wan::rollout
