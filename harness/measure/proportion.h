// The exact interval of a proportion, for the tail gates: what share of clips may be bad if so many of so many were.
#pragma once

#include <cstddef>

#include "harness/measure/confidence.h"

namespace wan::measure {

// Clopper and Pearson 1934 (scipy's binomtest(...).proportion_ci, statsmodels' method "beta"). Ends are proportions; an open end is 0 or 1.
// 0 bad of 24, 48, 96 clips prove at most 11.7, 6.1 and 3.1 % bad, one-sided at 95 %. CheckError without trials, if more succeed than
// were tried, or if the level is outside (0, 1).
Interval clopper_pearson(std::size_t successes, std::size_t trials, const Confidence& confidence = {});

}  // namespace wan::measure
