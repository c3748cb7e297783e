#include "harness/measure/hodges_lehmann.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "engine/base/error.h"
#include "harness/measure/distributions.h"
#include "harness/measure/signed_rank.h"

namespace wan::measure {
namespace {

// How many Walsh averages may be left out at an end, and the probability that the centre lies among them.
struct LeftOut {
  std::size_t averages = 0;  // the interval ends at the last of them: none, no interval
  double probability = 0;
};

LeftOut left_out_exactly(std::size_t n, double tail) {
  std::vector<std::size_t> ranks(n);
  std::iota(ranks.begin(), ranks.end(), std::size_t{1});
  const std::vector<double> probability = coin_sum_distribution(ranks);
  // A tail that is a multiple of 2^-n is met, not missed by the rounding of 1 - level.
  const double allowed = tail * (1 + 1e-12);
  LeftOut left_out;
  for (const double p : probability) {
    if (left_out.probability + p > allowed) break;
    left_out.probability += p;
    ++left_out.averages;
  }
  return left_out;
}

LeftOut left_out_approximately(std::size_t n, double tail) {
  const auto count = static_cast<double>(n);
  const double mean = count * (count + 1) / 4, deviation = std::sqrt(count * (count + 1) * (2 * count + 1) / 24);
  const double last = std::floor(mean + normal_quantile(tail) * deviation - 0.5);
  if (last < 0) return {};
  return {.averages = static_cast<std::size_t>(last) + 1, .probability = normal_cdf((last + 0.5 - mean) / deviation)};
}

std::vector<double> sorted_walsh_averages(std::span<const double> differences) {
  std::vector<double> averages;
  averages.reserve(differences.size() * (differences.size() + 1) / 2);
  for (std::size_t i = 0; i < differences.size(); ++i)
    for (std::size_t j = 0; j <= i; ++j) averages.push_back(0.5 * (differences[i] + differences[j]));
  std::sort(averages.begin(), averages.end());
  return averages;
}

}  // namespace

HodgesLehmann hodges_lehmann(std::span<const double> differences, const Confidence& confidence) {
  const std::size_t n = differences.size();
  WAN_CHECK(n > 0 && n <= kMostForHodgesLehmann, "{} differences, expected 1 to {}", n, kMostForHodgesLehmann);
  WAN_CHECK(confidence.level > 0 && confidence.level < 1, "confidence level {} outside (0, 1)", confidence.level);
  for (const double difference : differences) WAN_CHECK(std::isfinite(difference), "the centre of a difference of {}", difference);
  const std::vector<double> averages = sorted_walsh_averages(differences);
  HodgesLehmann centre{.n = n, .estimate = 0.5 * (averages[(averages.size() - 1) / 2] + averages[averages.size() / 2])};
  const double ends = confidence.bounds == Bounds::both ? 2 : 1;
  const double tail = (1 - confidence.level) / ends;
  const LeftOut left_out = n <= kMostForExactInterval ? left_out_exactly(n, tail) : left_out_approximately(n, tail);
  if (left_out.averages == 0 || left_out.averages > averages.size()) return centre;
  centre.interval = Interval{.level = confidence.level};
  if (confidence.bounds != Bounds::upper) centre.interval->low = averages[left_out.averages - 1];
  if (confidence.bounds != Bounds::lower) centre.interval->high = averages[averages.size() - left_out.averages];
  centre.coverage = 1 - ends * left_out.probability;
  return centre;
}

}  // namespace wan::measure
