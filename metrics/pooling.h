// From per-frame values to a clip. Pure functions. (From clips to a suite: harness/gate, which knows prompts and seeds.)
#pragma once

#include <span>
#include <string>

#include "metrics/score.h"

namespace wan::metrics {

// Percentile by linear interpolation between order statistics, position share * (n - 1). `sorted` ascending and not empty.
// Between a finite and an infinite value it is the infinite one unless the position is an integer.
double percentile(std::span<const double> sorted, double share);

// Throws CheckError on an empty profile or a NaN: a metric that has no number for a frame says so with `error`.
Pooled pool(std::span<const double> per_frame);

// A score of a whole clip, which has no value per frame.
Score score_of_clip(std::string id, double value);

}  // namespace wan::metrics
