// Wilcoxon's signed-rank test of paired differences, with the modes of scipy.stats.wilcoxon (1.17).
//
// Differences of exchangeable noise are symmetric, which is all that this test asks (measurement.md §2.2).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "harness/measure/confidence.h"

namespace wan::measure {

// What becomes of differences that are exactly zero.
enum class ZeroMethod {
  wilcox,  // dropped before ranking (Wilcoxon 1945)
  pratt,   // ranked with the others, then their ranks are dropped (Pratt 1959)
  zsplit,  // ranked, and half of their ranks counted on either side
};

enum class NullDistribution {
  automatic,  // exact up to kMostForAutomaticExact non-zero differences, normal above
  exact,      // all 2^n signs of the ranks at hand are equally likely, so ties need no correction; up to kMostForExact
  normal,     // with the variance corrected for ties, and for zeros under pratt (Cureton 1967)
};

inline constexpr std::size_t kMostForAutomaticExact = 60;
inline constexpr std::size_t kMostForExact = 500;

struct SignedRankOptions {
  Alternative alternative = Alternative::two_sided;
  ZeroMethod zeros = ZeroMethod::wilcox;
  NullDistribution distribution = NullDistribution::automatic;
  bool continuity_correction = false;  // half a rank towards the middle; of the normal distribution alone
};

struct SignedRank {
  std::size_t n = 0;               // differences that are not zero
  double r_plus = 0, r_minus = 0;  // sums of midranks; scipy's statistic is r_plus, two-sided the smaller one
  std::optional<double> z = {};    // of r_plus, corrected; only from the normal distribution
  double p = 1;                    // exact and two-sided: min(1, twice the smaller tail); 1 if no difference is left
};

// `differences` [n], any unit, midranks where magnitudes are equal. CheckError if there are none, if one is not finite, or if more than
// kMostForExact are asked for exactly.
//
// With ties or zeros the exact p equals scipy's PermutationMethod over all signs; scipy's own "exact" then rounds the statistic and is
// conservative instead.
SignedRank signed_rank_test(std::span<const double> differences, const SignedRankOptions& options = {});

// P(sum = s) for s in 0 ... sum of `scores`, where a fair coin decides of each score whether it counts: the null distribution above, by
// dynamic programming in n x sum additions. Exact while n <= 52, afterwards to rounding.
std::vector<double> coin_sum_distribution(std::span<const std::size_t> scores);

}  // namespace wan::measure
