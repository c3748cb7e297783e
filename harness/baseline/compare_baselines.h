// A candidate against the promoted baseline of its class.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/baseline/baseline.h"

namespace wan::baseline {

// One figure in both; absent where one has none.
struct FigureChange {
  std::string configuration;
  std::optional<Figure> promoted = {}, proposed = {};
};

// A margin of the floor in both; above the promoted one, or gone, it loosens.
struct MarginChange {
  std::string floor, score;
  std::optional<double> promoted = {}, proposed = {};
  bool loosens = false;
};

struct BaselineDifference {
  std::vector<FigureChange> figures = {};  // configurations in the order of the candidate, then those that it drops
  std::vector<MarginChange> margins = {};
};

BaselineDifference compare_baselines(const Baseline& promoted, const Baseline& proposed);

// `proposed` with the reason written into it. UsageError that lists the margins that loosen if the reason is blank.
Baseline promoted(const Baseline& before, Baseline proposed, const std::string& reason);

}  // namespace wan::baseline
