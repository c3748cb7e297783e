#include "harness/measure/paired_means.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/base/error.h"
#include "harness/measure/distributions.h"

namespace wan::measure {
namespace {

double p_of(double t, double degrees, Alternative alternative) {
  if (alternative == Alternative::less) return student_t_cdf(t, degrees);
  if (alternative == Alternative::greater) return student_t_cdf(-t, degrees);
  return 2 * student_t_cdf(-std::abs(t), degrees);
}

PairedT test_against(const MeanOfDifferences& of, double centre, Alternative alternative) {
  PairedT test{.of = of};
  if (!of.standard_error) return test;
  const double distance = of.mean - centre;
  test.t = distance == 0 ? 0 : distance / *of.standard_error;
  test.p = p_of(*test.t, static_cast<double>(of.n - 1), alternative);
  return test;
}

}  // namespace

MeanOfDifferences mean_of_differences(std::span<const double> differences) {
  WAN_CHECK(!differences.empty(), "a mean needs at least one difference");
  const auto n = static_cast<double>(differences.size());
  double sum = 0, squares = 0;
  for (const double difference : differences) {
    WAN_CHECK(std::isfinite(difference), "the mean of a difference of {}", difference);
    sum += difference;
  }
  MeanOfDifferences of{.n = differences.size(), .mean = sum / n};
  // The mean of equal numbers can miss them by a rounding, and the deviation would then be that rounding.
  if (std::all_of(differences.begin(), differences.end(), [&](double value) { return value == differences[0]; })) of.mean = differences[0];
  for (const double difference : differences) squares += (difference - of.mean) * (difference - of.mean);
  if (of.n < 2) return of;
  of.standard_deviation = std::sqrt(squares / (n - 1));
  of.standard_error = *of.standard_deviation / std::sqrt(n);
  return of;
}

std::optional<Interval> mean_interval(std::span<const double> differences, const Confidence& confidence) {
  WAN_CHECK(confidence.level > 0 && confidence.level < 1, "confidence level {} outside (0, 1)", confidence.level);
  const MeanOfDifferences of = mean_of_differences(differences);
  if (!of.standard_error) return std::nullopt;
  const double ends = confidence.bounds == Bounds::both ? 2 : 1;
  const double reach = -student_t_quantile((1 - confidence.level) / ends, static_cast<double>(of.n - 1)) * *of.standard_error;
  Interval interval{.level = confidence.level};
  if (confidence.bounds != Bounds::upper) interval.low = of.mean - reach;
  if (confidence.bounds != Bounds::lower) interval.high = of.mean + reach;
  return interval;
}

PairedT paired_t_test(std::span<const double> differences, Alternative alternative) {
  return test_against(mean_of_differences(differences), 0, alternative);
}

Equivalence equivalence_test(std::span<const double> differences, double low, double high) {
  WAN_CHECK(low < high, "equivalence within {} and {}", low, high);
  const MeanOfDifferences of = mean_of_differences(differences);
  Equivalence test{.above_low = test_against(of, low, Alternative::greater), .below_high = test_against(of, high, Alternative::less)};
  if (test.above_low.p) test.p = std::max(*test.above_low.p, *test.below_high.p);
  return test;
}

}  // namespace wan::measure
