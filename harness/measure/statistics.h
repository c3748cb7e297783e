// Pure functions over samples. "Not enough evidence" is a value here: fewer than five samples have no noise figure.
#pragma once

#include <span>

#include "harness/measure/timing.h"

namespace wan::measure {

inline constexpr std::size_t kFewestSamplesForNoise = 5;

// The quantile `p` in [0, 1] of unsorted samples, interpolated linearly between order statistics. CheckError if there are none.
double quantile(std::span<const double> samples, double p);
double median(std::span<const double> samples);

// CheckError if there are no samples.
Summary summarize(std::span<const double> samples);

// CheckError if there are no pairs or a time is not positive.
SpeedRatio speed_ratio(std::span<const PairedTime> pairs);

}  // namespace wan::measure
