#include "metrics/pooling.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/base/error.h"

namespace wan::metrics {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Pool, OneFrameIsItsOwnStatistic) {
  EXPECT_EQ(pool(std::array{3.5}), (Pooled{.mean = 3.5, .min = 3.5, .max = 3.5, .p5 = 3.5, .p95 = 3.5}));
}

// numpy.percentile of [0.1 4 2 9 7.3] at 5 and 95 with the default method: positions 0.2 and 3.8.
TEST(Pool, PercentilesInterpolateAsNumpy) {
  const Pooled pooled = pool(std::array{0.1, 4.0, 2.0, 9.0, 7.3});
  EXPECT_DOUBLE_EQ(pooled.p5, 0.48);
  EXPECT_DOUBLE_EQ(pooled.p95, 8.66);
  EXPECT_DOUBLE_EQ(pooled.mean, 4.48);
  EXPECT_EQ(pooled.min, 0.1);
  EXPECT_EQ(pooled.max, 9.0);
}

TEST(Pool, PercentileIsInfiniteBesideAnInfiniteValue) {
  std::vector<double> profile(21, 30.0);
  profile[4] = 20;
  profile[20] = kInfinity;
  Pooled pooled = pool(profile);  // positions 1 and 19 are integers: the infinite last value is not touched
  EXPECT_EQ(pooled.p5, 30);
  EXPECT_EQ(pooled.p95, 30);
  EXPECT_EQ(pooled.min, 20);
  EXPECT_EQ(pooled.mean, kInfinity);
  profile.pop_back();
  profile[19] = kInfinity;
  EXPECT_EQ(pool(profile).p95, kInfinity);  // position 18.05
  EXPECT_EQ(pool(std::vector<double>(5, kInfinity)), (Pooled{kInfinity, kInfinity, kInfinity, kInfinity, kInfinity}));
}

TEST(Pool, RefusesNothingAndNan) {
  EXPECT_THROW(pool({}), CheckError);
  EXPECT_THROW(pool(std::array{1.0, std::nan("")}), CheckError);
}

}  // namespace
}  // namespace wan::metrics
