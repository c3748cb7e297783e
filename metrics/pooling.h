// From per-frame values to a clip, from clips to a suite. Pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "metrics/score.h"

namespace wan::metrics {

// Percentile by linear interpolation between order statistics, position share * (n - 1). `sorted` ascending and not empty.
// Between a finite and an infinite value it is the infinite one unless the position is an integer.
double percentile(std::span<const double> sorted, double share);

// Throws CheckError on an empty profile or a NaN: a metric that has no number for a frame says so with `error`.
Pooled pool(std::span<const double> per_frame);

// One score over the clips of a suite.
struct SuiteScore {
  std::size_t n = 0;         // clips with a number
  std::size_t infinite = 0;  // of these, clips with an infinite one (psnr of an identical clip)
  std::size_t missing = 0;   // clips without a number: an error, or the score is absent
  std::string first_error = {};
  double mean = 0;   // of pooled.mean, see aggregate()
  double worst = 0;  // the worst clip's pooled.mean by the score's direction; the smallest where it has none
};

// `clips`: one QualityScores a clip. The mean is arithmetic over the finite clips, so that one identical clip cannot hide all others
// behind an infinity; it is infinite only if every clip is. With n == 0 there is no mean: look at n first.
SuiteScore aggregate(std::span<const QualityScores* const> clips, const std::string& metric);

}  // namespace wan::metrics
