// The speed gate of one configuration: its visits against those of its speed baseline, block by block (measure/speed_evidence.h).
//
// Judged only where the configuration claims speed and the device can show it. With the interval of 95 % of the speed-up, and materiality
// e:
//   rejected      all of it is slower than 1 / (1 + e)
//   failed        all of it misses the claimed or the required speed-up
//   held          none of it is slower than 1 / (1 + e); what is claimed or required lies below it
//   inconclusive  anything else, or fewer than six valid blocks
// With a registered extension (plan/schedule.h) there are two looks, at the planned blocks and at all, each with an interval of 97.5 % and
// at least seven blocks; a criterion is decided by the first look that decides it.
// e is the tier's materiality, or twice the half width of the 95 % interval where that is more, printed. The first of two looks keeps the
// tier's while that half width is at most e.
#pragma once

#include "harness/gate/verdict.h"
#include "harness/store/record.h"

namespace wan::gate {

GateResult judge_speed(const store::RunRecord& run, const store::ConfigurationRecord& candidate);

}  // namespace wan::gate
