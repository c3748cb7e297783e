// `a+b`: several configurations as one.
#pragma once

#include <span>
#include <string>

#include "harness/plan/fault.h"
#include "harness/plan/tier.h"

namespace wan::plan {

// Lists concatenated, the stricter of every threshold, the baselines of whichever part departs from the usual ones. The parts' claims are
// not the stack's, so it claims none. Parts that contradict each other are faults at `at`.
Configuration stack_configurations(std::span<const Configuration> parts, const Place& at, Faults& faults);

}  // namespace wan::plan
