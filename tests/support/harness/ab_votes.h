// Votes as a rater at a page of blind trials would give them.
#pragma once

#include <functional>
#include <string>

#include "harness/gate/ab_trials.h"
#include "harness/gate/votes.h"

namespace wan::testing {

enum class Preferred { candidate, baseline, neither, unanswered };

// The page of this seed, at most 24 trials and repeats, answered in its order; each answer takes 1.5 s.
gate::VoteSheet sheet_of(const store::RunRecord& run, std::uint64_t page_seed, const std::string& sitting,
                         const std::function<Preferred(const gate::AbTrial&)>& prefer);

gate::Choice choice_of(const gate::AbTrial& trial, Preferred preferred);

}  // namespace wan::testing
