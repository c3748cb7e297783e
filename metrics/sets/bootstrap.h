// Percentile bootstrap (Efron and Tibshirani, 1993, section 13.3) of a distance between two sets of clips.
#pragma once

#include <cstdint>
#include <functional>

#include "metrics/sets/features.h"

namespace wan::metrics::sets {

struct Interval {
  double low = 0, high = 0;
  bool operator==(const Interval&) const = default;
};

struct BootstrapPlan {
  std::int64_t resamples = 1000;
  double level = 0.95;
  std::uint64_t seed = 1;
  bool paired = true;  // clip i of both sets is drawn together
  int threads = 1;
};

// Each resample draws from its own SplitMix64, so that the bits depend on no number of threads. The sets are equally large if paired.
// Resamples draw clips more than once, which adds to the bias of a Fréchet distance: the interval lies above the value where there are few
// clips, and tells spread, not place.
Interval bootstrap(const FeatureSet& a, const FeatureSet& b, const BootstrapPlan& plan,
                   const std::function<double(const FeatureSet&, const FeatureSet&)>& distance);

}  // namespace wan::metrics::sets
