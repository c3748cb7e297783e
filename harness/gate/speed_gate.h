// The speed gate of one configuration: paired times against its speed baseline, as a point estimate with n shown.
//
// Judged only where the configuration claims speed and the device can show it. With materiality e, and e' = max(e, 3 x the measured noise):
//   rejected      slower by more than e'
//   failed        the claimed or the required speed-up is missed
//   held          slower by at most e, equal or faster
//   inconclusive  between e and e' (the noise hides it), fewer than five pairs (there is no noise figure), or times of another visit
#pragma once

#include "harness/gate/verdict.h"
#include "harness/store/record.h"

namespace wan::gate {

GateResult judge_speed(const store::RunRecord& run, const store::ConfigurationRecord& candidate);

}  // namespace wan::gate
