// The three-valued answer to "did it get worse by more than matters?". That the evidence does not reach is an answer, and never a pass.
#pragma once

#include <optional>

#include "harness/measure/confidence.h"

namespace wan::measure {

enum class Decision {
  held,       // a worsening of more than the limit is excluded
  regressed,  // it is shown
  inconclusive,
};

const char* to_string(Decision decision);

// `worsening` is positive where the candidate is worse, in the unit of `limit`: held if all of it is at most the limit, regressed if all of
// it lies above, else, or if there is none, inconclusive. CheckError if the limit is not finite.
Decision decide(const std::optional<Interval>& worsening, double limit);

}  // namespace wan::measure
