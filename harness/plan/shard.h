// One part of a plan that several machines share. A prompt and seed is never split: what a candidate is compared with is made beside it, on
// the same machine. Pure, so that every shard works out the same division by itself.
#pragma once

#include <cstddef>
#include <string>

#include "harness/plan/run_plan.h"

namespace wan::plan {

struct Shard {
  std::size_t index = 1, count = 1;  // from 1 to count
  bool operator==(const Shard&) const = default;
};

// "2/4". UsageError for anything else.
Shard parse_shard(const std::string& text);
std::string to_string(const Shard& shard);

// The cells of one shard; everything else of the plan stays. The longest prompts and seeds are given out first, each to the shard that has
// the least so far. A configuration without a recorded cost counts as the mean of the others. UsageError if a shard would stay empty.
RunPlan take_shard(const RunPlan& plan, const Shard& shard, const Costs& costs);

}  // namespace wan::plan
