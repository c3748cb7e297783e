#include "harness/measure/change_points.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "engine/base/error.h"

namespace wan::measure {
namespace {

constexpr std::size_t kEnoughAsLarge = 20;  // permutations that reach the observed divergence and so settle that p is not small
constexpr double kRounding = 1e-9;          // equal divergences, summed in another order

struct Split {
  std::size_t index = 0;
  double divergence = 0;
};

// Sums of distances |x - y| between the values of two ranges, each in constant time after n^2 differences.
class Distances {
 public:
  explicit Distances(std::span<const double> values) : n_(values.size()), before_((n_ + 1) * n_), within_(n_ + 1) {
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t k = 0; k < n_; ++k) before_[(i + 1) * n_ + k] = before_[i * n_ + k] + std::abs(values[i] - values[k]);
    for (std::size_t k = 0; k < n_; ++k) within_[k + 1] = within_[k] + earlier(k);
  }
  const double* before(std::size_t i) const { return before_.data() + i * n_; }  // [n]: of each value to [0, i)
  double earlier(std::size_t k) const { return before_[k * n_ + k]; }            // of value k to [0, k)
  double within(std::size_t i) const { return within_[i]; }                      // over the pairs of [0, i)

 private:
  std::size_t n_;
  std::vector<double> before_, within_;
};

// Calls visit(i, end, divergence) for every two neighbouring ranges [0, i) and [i, end) of at least `fewest` values each.
template <typename Visit>
void for_each_split(std::span<const double> values, std::size_t fewest, Visit visit) {
  const Distances distances(values);
  for (std::size_t i = fewest; i + fewest <= values.size(); ++i) {
    const double* to_left = distances.before(i);
    double between = 0, right = 0;
    for (std::size_t end = i + 1; end <= values.size(); ++end) {
      between += to_left[end - 1];
      right += distances.earlier(end - 1) - to_left[end - 1];
      if (end - i < fewest) continue;
      const auto a = static_cast<double>(i), b = static_cast<double>(end - i);
      visit(i, end, 2 / (a + b) * (between - distances.within(i) * b / a - right * a / b));
    }
  }
}

Split best_split(std::span<const double> segment, std::size_t fewest) {
  Split best;
  for_each_split(segment, fewest, [&](std::size_t i, std::size_t, double divergence) {
    if (divergence > best.divergence) best = {.index = i, .divergence = divergence};
  });
  return best;
}

// std::shuffle differs between libraries; the standard fixes the generator alone.
void shuffle(std::span<double> values, std::mt19937_64& random) {
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random() % i]);
}

using Bounds = std::vector<std::size_t>;  // 0, the points found so far, n

// The greatest divergence that the values have when they are shuffled within the segments found so far.
double shuffled_divergence(std::vector<double>& values, const Bounds& bounds, std::size_t fewest, std::mt19937_64& random) {
  double greatest = 0;
  for (std::size_t k = 0; k + 1 < bounds.size(); ++k) {
    const std::span segment(values.data() + bounds[k], bounds[k + 1] - bounds[k]);
    if (segment.size() < 2 * fewest) continue;
    shuffle(segment, random);
    greatest = std::max(greatest, best_split(segment, fewest).divergence);
  }
  return greatest;
}

double permutation_p(std::span<const double> values, const Bounds& bounds, double observed, const ChangePointOptions& options,
                     std::mt19937_64& random) {
  std::vector<double> shuffled(values.begin(), values.end());
  std::size_t as_large = 0;
  for (std::size_t done = 1; done <= options.permutations; ++done) {
    if (shuffled_divergence(shuffled, bounds, options.fewest, random) >= observed * (1 - kRounding)) ++as_large;
    if (as_large == kEnoughAsLarge) return static_cast<double>(as_large) / static_cast<double>(done);
  }
  return static_cast<double>(as_large + 1) / static_cast<double>(options.permutations + 1);
}

// Among all segments; its index counts from the first value of all.
Split best_of_segments(std::span<const double> values, const Bounds& bounds, std::size_t fewest) {
  Split best;
  for (std::size_t k = 0; k + 1 < bounds.size(); ++k) {
    const Split split = best_split(values.subspan(bounds[k], bounds[k + 1] - bounds[k]), fewest);
    if (split.divergence > best.divergence) best = {.index = bounds[k] + split.index, .divergence = split.divergence};
  }
  return best;
}

}  // namespace

std::vector<double> energy_divergences(std::span<const double> values) {
  std::vector<double> divergences(values.size());
  for_each_split(values, 1, [&](std::size_t i, std::size_t end, double divergence) {
    if (end == values.size()) divergences[i] = divergence;
  });
  return divergences;
}

ChangePoints find_change_points(std::span<const double> values, const ChangePointOptions& options) {
  for (const double value : values) WAN_CHECK(std::isfinite(value), "value {} is not finite", value);
  WAN_CHECK(options.fewest > 0 && options.permutations > 0, "fewest {} and permutations {} must be positive", options.fewest,
            options.permutations);
  WAN_CHECK(options.alpha > 0 && options.alpha < 1, "alpha {} outside (0, 1)", options.alpha);
  ChangePoints found;
  std::mt19937_64 random(options.seed);
  Bounds bounds{0, values.size()};
  for (bool first = true;; first = false) {
    const Split split = best_of_segments(values, bounds, options.fewest);
    if (split.index == 0) break;
    const double p = permutation_p(values, bounds, split.divergence, options, random);
    if (first) found.p = p;
    if (p > options.alpha) break;
    found.points.push_back({.index = split.index, .divergence = split.divergence, .p = p});
    bounds.insert(std::upper_bound(bounds.begin(), bounds.end(), split.index), split.index);
  }
  std::sort(found.points.begin(), found.points.end(), [](const ChangePoint& a, const ChangePoint& b) { return a.index < b.index; });
  return found;
}

}  // namespace wan::measure
