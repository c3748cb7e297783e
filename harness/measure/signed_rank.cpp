#include "harness/measure/signed_rank.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/error.h"
#include "harness/measure/distributions.h"

namespace wan::measure {
namespace {

struct Ranked {
  std::vector<std::size_t> twice_rank = {};  // [n] midranks of the magnitudes, doubled to be whole
  double ties = 0;                           // sum of t^3 - t over groups of t equal magnitudes, without the group of zeros
  double ties_of_zeros = 0;
};

Ranked rank_magnitudes(std::span<const double> differences) {
  std::vector<std::size_t> order(differences.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto magnitude = [&](std::size_t i) { return std::abs(differences[i]); };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return magnitude(a) < magnitude(b); });
  Ranked ranked{.twice_rank = std::vector<std::size_t>(differences.size())};
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && magnitude(order[end]) == magnitude(order[begin])) ++end;
    for (std::size_t i = begin; i < end; ++i) ranked.twice_rank[order[i]] = begin + 1 + end;  // first + last rank, counted from 1
    const auto t = static_cast<double>(end - begin);
    (magnitude(order[begin]) == 0 ? ranked.ties_of_zeros : ranked.ties) += t * t * t - t;
  }
  return ranked;
}

double exact_p(std::span<const std::size_t> scores, std::size_t observed, Alternative alternative) {
  const std::vector<double> probability = coin_sum_distribution(scores);
  const auto at = static_cast<std::ptrdiff_t>(observed);
  const double less = std::accumulate(probability.begin(), probability.begin() + at + 1, 0.0);
  const double greater = std::accumulate(probability.rbegin(), probability.rend() - at, 0.0);
  if (alternative == Alternative::less) return std::min(1.0, less);
  if (alternative == Alternative::greater) return std::min(1.0, greater);
  return std::min(1.0, 2 * std::min(less, greater));
}

double normal_p(double z, Alternative alternative) {
  if (alternative == Alternative::less) return normal_cdf(z);
  if (alternative == Alternative::greater) return normal_cdf(-z);
  return 2 * normal_cdf(-std::abs(z));
}

// `count` differences were ranked, `zeros` of them zero.
double z_of(const SignedRank& test, const Ranked& ranked, double count, double zeros, const SignedRankOptions& options) {
  double mean = count * (count + 1) / 4, variance24 = count * (count + 1) * (2 * count + 1), ties = ranked.ties;
  if (options.zeros == ZeroMethod::pratt) {
    mean -= zeros * (zeros + 1) / 4;
    variance24 -= zeros * (zeros + 1) * (2 * zeros + 1);
  } else {
    ties += ranked.ties_of_zeros;
  }
  const double deviation = std::sqrt((variance24 - ties / 2) / 24);
  const double z = (test.r_plus - mean) / deviation;
  if (!options.continuity_correction) return z;
  const double sign = options.alternative == Alternative::greater ? 1 : options.alternative == Alternative::less ? -1 : (z > 0) - (z < 0);
  return z - sign * 0.5 / deviation;
}

}  // namespace

std::vector<double> coin_sum_distribution(std::span<const std::size_t> scores) {
  std::vector<double> probability(std::accumulate(scores.begin(), scores.end(), std::size_t{1}), 0.0);
  probability[0] = 1;
  std::size_t reached = 0;
  for (const std::size_t score : scores) {
    reached += score;
    for (std::size_t s = reached + 1; s-- > 0;) probability[s] = 0.5 * (probability[s] + (s >= score ? probability[s - score] : 0.0));
  }
  return probability;
}

SignedRank signed_rank_test(std::span<const double> differences, const SignedRankOptions& options) {
  WAN_CHECK(!differences.empty(), "a signed-rank test needs at least one difference");
  std::vector<double> kept;
  for (const double difference : differences) {
    WAN_CHECK(std::isfinite(difference), "a signed-rank test of a difference of {}", difference);
    if (difference != 0 || options.zeros != ZeroMethod::wilcox) kept.push_back(difference);
  }
  const Ranked ranked = rank_magnitudes(kept);
  SignedRank test;
  std::vector<std::size_t> scores;
  std::size_t twice_plus = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const double rank = 0.5 * static_cast<double>(ranked.twice_rank[i]);
    if (kept[i] != 0) {
      scores.push_back(ranked.twice_rank[i]);
      if (kept[i] > 0) twice_plus += ranked.twice_rank[i];
      (kept[i] > 0 ? test.r_plus : test.r_minus) += rank;
    } else if (options.zeros == ZeroMethod::zsplit) {
      test.r_plus += rank / 2;
      test.r_minus += rank / 2;
    }
  }
  test.n = scores.size();
  const bool exact = options.distribution == NullDistribution::exact ||
                     (options.distribution == NullDistribution::automatic && test.n <= kMostForAutomaticExact);
  if (test.n == 0) return test;  // nothing speaks against the null hypothesis
  if (exact) {
    WAN_CHECK(test.n <= kMostForExact, "{} differences, the exact distribution is made for at most {}", test.n, kMostForExact);
    test.p = exact_p(scores, twice_plus, options.alternative);
  } else {
    test.z = z_of(test, ranked, static_cast<double>(kept.size()), static_cast<double>(kept.size() - test.n), options);
    test.p = normal_p(*test.z, options.alternative);
  }
  return test;
}

}  // namespace wan::measure
