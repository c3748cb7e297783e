// Fréchet distance between the normal distributions of two sets (Dowson and Landau, 1982; Heusel et al., NeurIPS 2017; for video
// Unterthiner et al., 2018): |m1 - m2|^2 + Tr(S1 + S2 - 2 (S1 S2)^(1/2)), covariances with N - 1, in double precision on one thread.
#pragma once

#include "metrics/sets/features.h"

namespace wan::metrics::sets {

enum class FrechetAlgorithm {
  nuclear_norm,  // Tr (S1 S2)^(1/2) = sum of the singular values of A B^T / (N - 1), A and B the centred sets; exact also where N <= d
  eigenvalues,   // = sum of the roots of the eigenvalues of S1^(1/2) S2 S1^(1/2); its time grows with N only by the covariances
};
const char* to_string(FrechetAlgorithm algorithm);

// The nuclear norm where a set has fewer than 1000 points or no more than dimensions. Eigenvalues of 1e-16 that should be 0 are 1e-8 under
// the root: for 16 points in 400 dimensions the other algorithm is off by 1e-5.
FrechetAlgorithm frechet_algorithm(const FeatureSet& a, const FeatureSet& b);

// Throws UsageError if a set has fewer than two points. Not negative but for rounding.
double frechet_distance(const FeatureSet& a, const FeatureSet& b);
double frechet_distance(const FeatureSet& a, const FeatureSet& b, FrechetAlgorithm algorithm);

}  // namespace wan::metrics::sets
