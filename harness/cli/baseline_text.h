// Baselines as tables for the terminal.
#pragma once

#include <string>

#include "harness/baseline/baseline.h"
#include "harness/baseline/compare_baselines.h"

namespace wan::cli {

// One baseline: its figures with intervals, its floors.
std::string baseline_text(const baseline::Baseline& baseline);
std::string difference_text(const baseline::BaselineDifference& difference);
// The tag that marks a promotion, and the commands that set it.
std::string tag_text(const std::string& stem, const baseline::Baseline& baseline);

}  // namespace wan::cli
