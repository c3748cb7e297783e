// Whether the clips of a configuration were honestly made: faults that scores alone would not notice, because a cached or constant clip may
// score well. Pure.
#pragma once

#include <optional>
#include <vector>

#include "harness/gate/verdict.h"
#include "harness/store/record.h"

namespace wan::gate {

// constant_output       all clips share one hash: the model does not listen. Rejected.
// same_prompt_caching   two prompts of other words share a clip: a cache answers for the model. Rejected.
// transformer_forwards  passes differ among clips of the same steps and guidance, or from what the plan implies. Failed. Clips with a
//                       fallback are left out: a step that is done again takes more.
// Each is absent where the record does not hold two clips, or any count, to tell by.
std::vector<Criterion> audit(const store::RunRecord& run, const store::ConfigurationRecord& candidate);

// Passes of the transformer that a clip takes: two a step where both guidance scales are above 1. None where that depends on the engine.
std::optional<std::int64_t> implied_forwards(const plan::Shape& shape, const plan::Configuration& configuration);

}  // namespace wan::gate
