#include "metrics/sets/mmd.h"

#include "engine/base/error.h"

namespace wan::metrics::sets {
namespace {

double value(const PolynomialKernel& kernel, std::span<const double> x, std::span<const double> y) {
  double dot = 0;
  for (std::size_t i = 0; i < x.size(); ++i) dot += x[i] * y[i];
  const double base = dot / static_cast<double>(x.size()) + kernel.offset;
  double power = 1;
  for (int i = 0; i < kernel.degree; ++i) power *= base;
  return power;
}

// Mean of the kernel over pairs. Both orders of a pair give the same bits, so that identical sets have identical means.
double mean(const PolynomialKernel& kernel, const FeatureSet& a, const FeatureSet& b, bool diagonal) {
  double sum = 0;
  for (std::size_t i = 0; i < a.count(); ++i)
    for (std::size_t j = 0; j < b.count(); ++j)
      if (diagonal || i != j) sum += value(kernel, a.point(i), b.point(j));
  const auto columns = static_cast<double>(diagonal ? b.count() : b.count() - 1);
  return sum / (static_cast<double>(a.count()) * columns);
}

}  // namespace

double squared_mmd(const FeatureSet& a, const FeatureSet& b, PolynomialKernel kernel, MmdEstimator estimator) {
  WAN_CHECK(a.dimension == b.dimension, "features of {} and {} dimensions", a.dimension, b.dimension);
  const std::size_t least = estimator == MmdEstimator::v_statistic ? 1 : 2;
  if (a.count() < least || b.count() < least)
    throw UsageError(
        fmt::format("this kernel distance needs at least {} clips on each side, these are {} and {}", least, a.count(), b.count()));
  if (estimator == MmdEstimator::unbiased_paired && a.count() != b.count())
    throw UsageError(fmt::format("a paired kernel distance needs as many clips on both sides, these are {} and {}", a.count(), b.count()));
  const bool within = estimator == MmdEstimator::v_statistic, across = estimator != MmdEstimator::unbiased_paired;
  return mean(kernel, a, a, within) + mean(kernel, b, b, within) - 2 * mean(kernel, a, b, across);
}

}  // namespace wan::metrics::sets
