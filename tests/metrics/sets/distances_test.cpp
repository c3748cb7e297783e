#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/io/json.h"
#include "metrics/sets/bootstrap.h"
#include "metrics/sets/frechet.h"
#include "metrics/sets/mmd.h"

namespace wan::metrics::sets {
namespace {

FeatureSet points(std::size_t count, std::size_t dimension, std::uint64_t seed, double scale = 1, double shift = 0) {
  SplitMix64 random(seed);
  FeatureSet set{.dimension = dimension, .values = std::vector<double>(count * dimension)};
  for (double& value : set.values) value = shift + scale * static_cast<double>(random.next_signed());
  return set;
}

// tests/data/metrics/make_sets_golden.py: 40-digit arithmetic, or scipy's sqrtm where there are more points than that is good for. 16
// points in 400 dimensions are its first case.
TEST(SetDistances, EqualTheGoldens) {
  const io::JsonValue cases = io::JsonValue::read(WAN_TEST_DATA "/metrics/sets_golden.json");
  ASSERT_EQ(cases.size(), 4u);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const io::JsonValue golden = cases.at(i);
    const auto size = [&](const char* key) { return static_cast<std::size_t>(golden.at(key).as_int()); };
    const FeatureSet a = points(size("n"), size("d"), 1), b = points(size("m"), size("d"), 2, 1.5, 0.25);
    const double expected = golden.at("frechet").as_double();
    EXPECT_NEAR(frechet_distance(a, b), expected, 1e-12 * expected) << golden.where();
    EXPECT_NEAR(frechet_distance(b, a), expected, 1e-12 * expected) << golden.where();
    EXPECT_NEAR(squared_mmd(a, b, kKidKernel, MmdEstimator::unbiased), golden.at("unbiased").as_double(), 1e-12);
    EXPECT_NEAR(100 * squared_mmd(a, b, kJediKernel, MmdEstimator::v_statistic), golden.at("jedi").as_double(), 1e-12);
    if (golden.has("paired")) {
      EXPECT_NEAR(squared_mmd(a, b, kKidKernel, MmdEstimator::unbiased_paired), golden.at("paired").as_double(), 1e-12);
    }
  }
}

TEST(Frechet, ChoosesTheAlgorithmThatIsRight) {
  EXPECT_EQ(frechet_algorithm(points(16, 400, 1), points(16, 400, 2)), FrechetAlgorithm::nuclear_norm);
  EXPECT_EQ(frechet_algorithm(points(1200, 4, 1), points(999, 4, 2)), FrechetAlgorithm::nuclear_norm);
  EXPECT_EQ(frechet_algorithm(points(1200, 4, 1), points(1000, 4, 2)), FrechetAlgorithm::eigenvalues);
  EXPECT_EQ(frechet_algorithm(points(1200, 1200, 1), points(1200, 1200, 2)), FrechetAlgorithm::nuclear_norm);
}

TEST(Frechet, BothAlgorithmsAgreeWithManyPoints) {
  const FeatureSet a = points(300, 20, 3), b = points(200, 20, 4, 0.5, 1);
  const double by_svd = frechet_distance(a, b, FrechetAlgorithm::nuclear_norm);
  EXPECT_NEAR(frechet_distance(a, b, FrechetAlgorithm::eigenvalues), by_svd, 1e-12 * by_svd);
}

// In one dimension (m1 - m2)^2 + (s1 - s2)^2. {0, 2}: mean 1, variance 2 with N - 1; {5, 5 + 2c}: mean 5 + c, variance 2 c^2.
TEST(Frechet, IsTheClosedFormInOneDimension) {
  for (const double c : {1.0, 3.0, 0.25}) {
    const FeatureSet a{.dimension = 1, .values = {0, 2}}, b{.dimension = 1, .values = {5, 5 + 2 * c}};
    const double expected = std::pow(4 + c, 2) + 2 * std::pow(1 - c, 2);
    EXPECT_NEAR(frechet_distance(a, b, FrechetAlgorithm::nuclear_norm), expected, 1e-13 * expected);
    EXPECT_NEAR(frechet_distance(a, b, FrechetAlgorithm::eigenvalues), expected, 1e-13 * expected);
  }
}

// Scaling all by c scales the distance by c^2; a shift of both changes nothing; a shift of one by v adds |v|^2 to identical sets.
TEST(Frechet, FollowsScaleAndShift) {
  const FeatureSet a = points(10, 50, 5);
  FeatureSet shifted = a;
  for (double& value : shifted.values) value += 0.5;
  EXPECT_NEAR(frechet_distance(a, shifted), 50 * 0.25, 1e-12);
  EXPECT_NEAR(frechet_distance(a, a), 0, 1e-12);
  const FeatureSet b = points(10, 50, 6);
  FeatureSet a2 = a, b2 = b;
  for (double& value : a2.values) value *= 2;
  for (double& value : b2.values) value *= 2;
  EXPECT_NEAR(frechet_distance(a2, b2), 4 * frechet_distance(a, b), 1e-11);
}

TEST(Frechet, NeedsTwoPoints) { EXPECT_THROW(frechet_distance(points(1, 4, 1), points(2, 4, 1)), UsageError); }

// One dimension, sets {1, 2} and {1, 2}, degree 2 without offset: k = (xy)^2. Within, off the diagonal: 4. Across all pairs: (1 + 4 + 4 +
// 16) / 4.
TEST(Mmd, IsTheClosedFormInOneDimension) {
  const FeatureSet set{.dimension = 1, .values = {1, 2}};
  EXPECT_DOUBLE_EQ(squared_mmd(set, set, kJediKernel, MmdEstimator::unbiased), 4 + 4 - 2 * 25.0 / 4);
  EXPECT_EQ(squared_mmd(set, set, kJediKernel, MmdEstimator::unbiased_paired), 0);
  EXPECT_EQ(squared_mmd(set, set, kJediKernel, MmdEstimator::v_statistic), 0);
}

TEST(Mmd, OfIdenticalSetsIsNegativeUnbiasedAndZeroPaired) {
  const FeatureSet set = points(20, 64, 7);
  EXPECT_LT(squared_mmd(set, set, kKidKernel, MmdEstimator::unbiased), 0);
  EXPECT_EQ(squared_mmd(set, set, kKidKernel, MmdEstimator::unbiased_paired), 0);
}

TEST(Mmd, RefusesWhatHasNoBasis) {
  EXPECT_THROW(squared_mmd(points(1, 4, 1), points(2, 4, 1), kKidKernel, MmdEstimator::unbiased), UsageError);
  EXPECT_THROW(squared_mmd(points(3, 4, 1), points(2, 4, 1), kKidKernel, MmdEstimator::unbiased_paired), UsageError);
}

double mean_difference(const FeatureSet& a, const FeatureSet& b) {
  const auto mean = [](const FeatureSet& set) {
    return std::accumulate(set.values.begin(), set.values.end(), 0.0) / static_cast<double>(set.count());
  };
  return mean(a) - mean(b);
}

// Where b = a + 1 throughout, drawing pairs keeps the difference at 1; drawing each side by itself does not.
TEST(Bootstrap, DrawsPairsTogether) {
  const FeatureSet a = points(12, 1, 8);
  FeatureSet b = a;
  for (double& value : b.values) value += 1;
  const Interval paired = bootstrap(a, b, {.resamples = 200}, mean_difference);
  EXPECT_NEAR(paired.low, -1, 1e-12);
  EXPECT_NEAR(paired.high, -1, 1e-12);
  const Interval independent = bootstrap(a, b, {.resamples = 200, .paired = false}, mean_difference);
  EXPECT_LT(independent.low, -1.1);
  EXPECT_GT(independent.high, -0.9);
}

// The mean of n uniform values on [-1, 1] has a standard deviation of 1 / sqrt(3 n); 95 % are 1.96 of them to either side. The interval's
// ends vary by some per cent with 4000 resamples, and the sample's own deviation by 1 / sqrt(2 n).
TEST(Bootstrap, HasTheWidthOfTheNormalInterval) {
  const FeatureSet a = points(400, 1, 9), zero{.dimension = 1, .values = {0}};
  const Interval interval = bootstrap(a, zero, {.resamples = 4000, .paired = false}, mean_difference);
  const double expected = 2 * 1.96 / std::sqrt(3.0 * 400);
  EXPECT_NEAR(interval.high - interval.low, expected, 0.1 * expected);
}

TEST(Bootstrap, IsTheSameAtAnyThreadCountAndAnotherWithAnotherSeed) {
  const FeatureSet a = points(8, 20, 10), b = points(8, 20, 11);
  const auto run = [&](int threads, std::uint64_t seed) {
    return bootstrap(a, b, {.resamples = 50, .seed = seed, .threads = threads},
                     [](const FeatureSet& x, const FeatureSet& y) { return frechet_distance(x, y); });
  };
  const Interval single = run(1, 1);
  for (const int threads : {2, 3, 5}) EXPECT_EQ(run(threads, 1), single);
  EXPECT_NE(run(1, 2), single);
}

}  // namespace
}  // namespace wan::metrics::sets
