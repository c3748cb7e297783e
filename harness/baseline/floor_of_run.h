// Whether the floor of a promoted baseline may stand for that of a run which is about to begin. Pure.
#pragma once

#include <string>
#include <vector>

#include "harness/baseline/baseline.h"
#include "harness/store/record.h"

namespace wan::baseline {

struct FloorsOfRun {
  std::vector<store::PromotedFloor> floors = {};
  std::string why_none = {};  // every mismatch in words; empty if there are floors
};

// Of the same machine class, model, suite and shape, with every prompt of the run. `promoted` that was calibrated before distances were
// kept, or never, has none.
FloorsOfRun floors_of_run(const Baseline& promoted, const store::RunRecord& planned);

}  // namespace wan::baseline
