// From stored runs to a candidate baseline, and from one run to the noise floor. Pure.
#pragma once

#include <span>

#include "harness/baseline/baseline.h"
#include "harness/store/record.h"

namespace wan::baseline {

inline constexpr std::size_t kFewestNights = 3;

// UsageError with every reason why these runs make no baseline: fewer than three, one twice, unfinished, clips missing, verdicts that are
// invalid, another plan, machine class or weights.
Baseline propose(std::span<const store::RunRecord> nights);

// The floor of every equally valid run in the records, which are of one plan (measure/non_inferiority.h scales). UsageError if there is
// none with scores of at least two prompts.
std::vector<Floor> calibrate(std::span<const store::RunRecord> nights);
std::vector<Floor> calibrate(const store::RunRecord& run);

}  // namespace wan::baseline
