// Student's t over paired differences: the roadmap's A/B test, its interval, and equivalence by two one-sided tests.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "harness/measure/confidence.h"

namespace wan::measure {

struct MeanOfDifferences {
  std::size_t n = 0;
  double mean = 0;
  std::optional<double> standard_deviation = {};  // with n - 1; none of a single difference
  std::optional<double> standard_error = {};
};

// `differences` [n] in any unit. CheckError if there are none or one is not finite.
MeanOfDifferences mean_of_differences(std::span<const double> differences);

// The t interval of the mean, in the differences' unit; none of a single difference. Identical differences have an interval of length zero.
// CheckError as above, or if the level is outside (0, 1).
std::optional<Interval> mean_interval(std::span<const double> differences, const Confidence& confidence = {});

struct PairedT {
  MeanOfDifferences of = {};
  std::optional<double> t = {};  // none of a single difference
  std::optional<double> p = {};
};

// scipy.stats.ttest_rel. Differences that are all the same have an infinite t and p 0 or 1; if all are zero, t is 0 and p 1 (scipy: NaN).
PairedT paired_t_test(std::span<const double> differences, Alternative alternative = Alternative::two_sided);

struct Equivalence {
  PairedT above_low = {}, below_high = {};  // that the mean lies above `low`, and that it lies below `high`
  std::optional<double> p = {};             // the larger of both; below alpha, the interval of level 1 - 2 alpha lies inside
};

// Two one-sided tests (Schuirmann 1987; statsmodels ttost_paired) that the mean of `differences` [n] lies within (low, high), in their
// unit. CheckError as above, or unless low < high.
Equivalence equivalence_test(std::span<const double> differences, double low, double high);

}  // namespace wan::measure
