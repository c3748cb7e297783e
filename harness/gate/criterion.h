// From single criteria to the result of a gate: which outcome outweighs which, and the sentence a person reads.
#pragma once

#include <string>
#include <vector>

#include "harness/gate/verdict.h"

namespace wan::gate {

// The outcome that decides when two meet: rejected, failed, invalid, inconclusive, not_measured, not_claimed, held, in this order. A
// failure outweighs missing data, because more data cannot undo it.
Outcome outweighing(Outcome a, Outcome b);

// The part of a reason before ": ".
std::string reason_code(const std::string& reason);

// "ssim.ipol 0.93 (n = 12) is not above 0.95: below_bound"
std::string describe(const Criterion& criterion);

// The criterion at a level; one that is off has its figures still, and no outcome.
Criterion at_level(Criterion criterion, plan::Level level);

// The outcome of all criteria together and the first criterion with that outcome in words. Criteria that are not measured and have no bound
// are shown and decide nothing, nor do those
// at a level below error; the sentence names what is missed at the level of warnings. Where no criterion decides the outcome is
// not_measured.
GateResult combine(std::vector<Criterion> criteria);

}  // namespace wan::gate
