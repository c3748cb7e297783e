// What a clip costs under each configuration, and after how many clips the development of a faster one has paid for itself. Drawn from
// measured times; shown beside the verdicts, decides nothing. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/gate/verdict.h"
#include "harness/measure/confidence.h"
#include "harness/store/record.h"

namespace wan::gate {

// In one currency, whichever.
struct CostBasis {
  std::optional<double> price_per_hour = {};  // of the machine that the run was on
  std::optional<double> development_cost = {};
};

struct ClipCost {
  std::string configuration;
  std::optional<double> gpu_s = {};  // seconds of the device a clip, median of the valid visits; beside timed steps of the clips
  std::size_t visits = 0;            // or clips
  std::optional<double> money = {};  // of a clip
  std::string baseline = {};         // that the saving is over; empty where there is none
  std::optional<double> saved_money = {};
  std::optional<measure::Interval> saved_interval = {};             // from the interval of the speed-up, 95 %
  std::optional<double> break_even = {};                            // clips
  std::optional<double> break_even_low = {}, break_even_high = {};  // an absent high end: perhaps never
  std::string reason = {};                                          // why there is no saving or no break-even; empty if there is one
};

// In the run's order; empty without a price. A saving is the baseline's money times 1 - 1 / speed-up, so it is exactly as certain as the
// speed-up; where that is not claimed there is none. Where steps are timed it is the loop's money, and text encoding and decoding save
// nothing.
std::vector<ClipCost> clip_costs(const store::RunRecord& run, std::span<const Verdict> verdicts, const CostBasis& basis);

}  // namespace wan::gate
