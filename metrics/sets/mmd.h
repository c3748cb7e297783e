// Squared maximum mean discrepancy between two sets with a polynomial kernel (Gretton et al., JMLR 2012, section 2.2), in double precision.
// Its unbiased forms do not depend on the number of clips, and may be negative.
#pragma once

#include "metrics/sets/features.h"

namespace wan::metrics::sets {

// (x . y / dimension + offset) ^ degree
struct PolynomialKernel {
  int degree = 3;
  double offset = 1;
};
inline constexpr PolynomialKernel kKidKernel{.degree = 3, .offset = 1};   // Bińkowski et al., ICLR 2018
inline constexpr PolynomialKernel kJediKernel{.degree = 2, .offset = 0};  // Luo et al., ICLR 2025, which takes the V-statistic times 100

enum class MmdEstimator {
  v_statistic,      // means over all pairs; not negative
  unbiased,         // without i = j within a set
  unbiased_paired,  // without i = j across the sets too: for sets whose points belong together; exactly 0 for identical sets
};

// Throws UsageError if a set is empty, if an unbiased form has fewer than two points, or if sets of different size are paired.
double squared_mmd(const FeatureSet& a, const FeatureSet& b, PolynomialKernel kernel, MmdEstimator estimator);

}  // namespace wan::metrics::sets
