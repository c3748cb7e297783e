// Times as the harness reasons about them: pairs of visits, and what their statistics say. Plain values, seconds and ratios.
#pragma once

#include <cstddef>
#include <optional>

namespace wan::measure {

// The same prompt and seed under two configurations.
struct PairedTime {
  double baseline_s = 0;
  double candidate_s = 0;
};

// Order statistics of a sample. Quantiles interpolate linearly between order statistics.
struct Summary {
  std::size_t n = 0;
  double median = 0, q1 = 0, q3 = 0, min = 0, max = 0;
  std::optional<double> relative_iqr = {};  // (q3 - q1) / median; none below five samples
};

// Speed-up of the candidate over the baseline; above 1 the candidate is faster.
struct SpeedRatio {
  std::size_t n = 0;                 // pairs
  double geometric_mean = 0;         // of baseline_s / candidate_s over the pairs
  double ratio_of_medians = 0;       // median baseline_s / median candidate_s, beside it: one hiccup cannot move it
  std::optional<double> noise = {};  // relative standard error of geometric_mean; none below five pairs
};

}  // namespace wan::measure
