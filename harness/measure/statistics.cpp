#include "harness/measure/statistics.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/base/error.h"

namespace wan::measure {
namespace {

// Of a normal distribution: interquartile range over standard deviation. The range stands in for the deviation because one visit in
// twenty-five is hit by a hiccup of the host, and the deviation would then measure the hiccup.
constexpr double kIqrOfNormal = 1.3489795003921634;

double sorted_quantile(std::span<const double> sorted, double p) {
  const double position = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(position));
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

double quantile(std::span<const double> samples, double p) {
  WAN_CHECK(!samples.empty(), "a quantile needs at least one sample");
  WAN_CHECK(p >= 0 && p <= 1, "quantile {} outside [0, 1]", p);
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted_quantile(sorted, p);
}

double median(std::span<const double> samples) { return quantile(samples, 0.5); }

Summary summarize(std::span<const double> samples) {
  WAN_CHECK(!samples.empty(), "a summary needs at least one sample");
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  Summary summary{.n = sorted.size(),
                  .median = sorted_quantile(sorted, 0.5),
                  .q1 = sorted_quantile(sorted, 0.25),
                  .q3 = sorted_quantile(sorted, 0.75),
                  .min = sorted.front(),
                  .max = sorted.back()};
  if (summary.n >= kFewestSamplesForNoise && summary.median != 0) summary.relative_iqr = (summary.q3 - summary.q1) / summary.median;
  return summary;
}

SpeedRatio speed_ratio(std::span<const PairedTime> pairs) {
  WAN_CHECK(!pairs.empty(), "a speed ratio needs at least one pair of times");
  std::vector<double> log_ratios, baseline, candidate;
  for (const auto& pair : pairs) {
    WAN_CHECK(pair.baseline_s > 0 && pair.candidate_s > 0, "times must be positive, got {} and {} s", pair.baseline_s, pair.candidate_s);
    log_ratios.push_back(std::log(pair.baseline_s / pair.candidate_s));
    baseline.push_back(pair.baseline_s);
    candidate.push_back(pair.candidate_s);
  }
  double sum = 0;
  for (const double value : log_ratios) sum += value;
  const auto n = static_cast<double>(pairs.size());
  SpeedRatio ratio{.n = pairs.size(), .geometric_mean = std::exp(sum / n), .ratio_of_medians = median(baseline) / median(candidate)};
  if (ratio.n >= kFewestSamplesForNoise)
    ratio.noise = (quantile(log_ratios, 0.75) - quantile(log_ratios, 0.25)) / kIqrOfNormal / std::sqrt(n);
  return ratio;
}

}  // namespace wan::measure
