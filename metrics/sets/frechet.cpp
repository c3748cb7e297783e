#include "metrics/sets/frechet.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "engine/base/error.h"

namespace wan::metrics::sets {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::size_t kManyPoints = 1000;
constexpr std::size_t kJacobiPoints = 64;  // below it the slower, more exact singular values cost nothing

// Centred, over sqrt(N - 1): the covariance is its transpose times itself.
struct Centred {
  explicit Centred(const FeatureSet& set)
      : points(
            Eigen::Map<const Matrix>(set.values.data(), static_cast<Eigen::Index>(set.count()), static_cast<Eigen::Index>(set.dimension))),
        mean(points.colwise().mean()) {
    points.rowwise() -= mean;
    points /= std::sqrt(static_cast<double>(set.count() - 1));
  }
  Matrix points;
  Eigen::RowVectorXd mean;
};

double root_trace_by_singular_values(const Matrix& a, const Matrix& b) {
  const Eigen::MatrixXd product = a * b.transpose();
  if (static_cast<std::size_t>(std::min(product.rows(), product.cols())) <= kJacobiPoints)
    return Eigen::JacobiSVD<Eigen::MatrixXd>(product).singularValues().sum();
  return Eigen::BDCSVD<Eigen::MatrixXd>(product).singularValues().sum();
}

double root_trace_by_eigenvalues(const Matrix& a, const Matrix& b) {
  const Eigen::MatrixXd covariance_a = a.transpose() * a, covariance_b = b.transpose() * b;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(covariance_a);
  const Eigen::MatrixXd root =
      eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal() * eigen.eigenvectors().transpose();
  const Eigen::MatrixXd product = root * covariance_b * root;
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(product, Eigen::EigenvaluesOnly).eigenvalues().cwiseMax(0).cwiseSqrt().sum();
}

}  // namespace

const char* to_string(FrechetAlgorithm algorithm) { return algorithm == FrechetAlgorithm::nuclear_norm ? "nuclear_norm" : "eigenvalues"; }

FrechetAlgorithm frechet_algorithm(const FeatureSet& a, const FeatureSet& b) {
  const std::size_t fewest = std::min(a.count(), b.count());
  return fewest < kManyPoints || fewest <= a.dimension ? FrechetAlgorithm::nuclear_norm : FrechetAlgorithm::eigenvalues;
}

double frechet_distance(const FeatureSet& a, const FeatureSet& b) { return frechet_distance(a, b, frechet_algorithm(a, b)); }

double frechet_distance(const FeatureSet& a, const FeatureSet& b, FrechetAlgorithm algorithm) {
  WAN_CHECK(a.dimension == b.dimension, "features of {} and {} dimensions", a.dimension, b.dimension);
  if (a.count() < 2 || b.count() < 2)
    throw UsageError(fmt::format("a Fréchet distance needs at least two clips on each side, these are {} and {}", a.count(), b.count()));
  const Centred x(a), y(b);
  const double root_trace = algorithm == FrechetAlgorithm::nuclear_norm ? root_trace_by_singular_values(x.points, y.points)
                                                                        : root_trace_by_eigenvalues(x.points, y.points);
  return (x.mean - y.mean).squaredNorm() + x.points.squaredNorm() + y.points.squaredNorm() - 2 * root_trace;
}

}  // namespace wan::metrics::sets
