// How far an equally valid run lies from the quality baseline: what the calibrated gate measures a candidate by. It is the run's own, or
// the one that a promoted baseline holds and the record carries.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "harness/gate/suite_scores.h"
#include "harness/store/record.h"

namespace wan::gate {

// A figure that is bad when large.
struct Distance {
  const char* name;
  const char* score;
  bool complement;  // the figure is one minus the score
};
extern const std::array<Distance, 3> kDistances;  // LPIPS, 1 - SSIM, MSE

ClipValues distances(const store::ConfigurationRecord& configuration, const Distance& distance);

// By prompt the mean over seeds, and over several records of one configuration, in the suite's natural logarithms (cut as
// measure::LossScale::log). Distances without values are left out.
std::vector<store::FloorDistance> floor_distances(const std::vector<const store::ConfigurationRecord*>& nights);

// The promoted floor that a candidate is held against; nothing if the record has none for it, or none with all its prompts.
const store::PromotedFloor* promoted_floor(const store::RunRecord& run, const store::ConfigurationRecord& candidate);

}  // namespace wan::gate
