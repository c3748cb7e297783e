#include "harness/measure/hodges_lehmann.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "engine/base/error.h"
#include "harness/measure/signed_rank.h"
#include "tests/support/harness/statistics_golden.h"

namespace wan::measure {
namespace {

TEST(HodgesLehmann, IntervalIsWhereScipysExactTestDoesNotReject) {
  for (const auto& golden : testing::golden_cases("hodges_lehmann")) {
    SCOPED_TRACE(golden.dump());
    const HodgesLehmann centre = hodges_lehmann(testing::golden_sample(golden), testing::golden_confidence(golden));
    EXPECT_NEAR(centre.estimate, golden.at("estimate").get<double>(), testing::golden_tolerance(golden["estimate"]));
    EXPECT_EQ(centre.interval.has_value(), golden.contains("low") || golden.contains("high"));
    if (centre.interval) testing::expect_golden_interval(golden, *centre.interval);
    if (centre.interval) {
      EXPECT_GE(centre.coverage, centre.interval->level - 1e-12);
    }
  }
}

TEST(HodgesLehmann, FiveDifferencesHaveNoNinetyFivePercentIntervalAndSixHave) {
  EXPECT_FALSE(hodges_lehmann(std::vector<double>{1, 2, 3, 4, 5}).interval.has_value());
  const auto six = hodges_lehmann(std::vector<double>{1, 2, 3, 4, 5, 6});
  ASSERT_TRUE(six.interval.has_value());
  EXPECT_EQ(six.interval->low, 1);
  EXPECT_EQ(six.interval->high, 6);
  EXPECT_EQ(six.coverage, 1 - 2.0 / 64);
  EXPECT_TRUE(hodges_lehmann(std::vector<double>{1, 2, 3, 4, 5}, {.bounds = Bounds::lower}).interval.has_value());
}

// 1 - 0.9375 is a rounding above 2 / 32: the level that five differences just reach must not be lost to it.
TEST(HodgesLehmann, ALevelThatIsJustReachedIsReached) {
  EXPECT_TRUE(hodges_lehmann(std::vector<double>{1, 2, 3, 4, 5}, {.level = 0.9375}).interval.has_value());
  EXPECT_TRUE(hodges_lehmann(std::vector<double>{1, 2, 3, 4}, {.level = 0.9375, .bounds = Bounds::lower}).interval.has_value());
  EXPECT_FALSE(hodges_lehmann(std::vector<double>{1, 2, 3, 4, 5}, {.level = 0.9376}).interval.has_value());
}

// With ties or zeros the interval may only be wider than the shifts that the tie-conditional test accepts.
TEST(HodgesLehmann, TiesAndZerosStayOnTheSafeSide) {
  const std::vector<double> tied{0, 0, 1, 1, -1, 2, 2, 3, 3, 3, 0, 4};
  const auto centre = hodges_lehmann(tied);
  ASSERT_TRUE(centre.interval.has_value());
  for (double shift = -2; shift < 5; shift += 0.01) {
    std::vector<double> shifted;
    for (const double value : tied) shifted.push_back(value - shift);
    const bool is_accepted = signed_rank_test(shifted, {.zeros = ZeroMethod::pratt}).p > 0.05;
    if (is_accepted) {
      EXPECT_TRUE(centre.interval->low <= shift && shift <= centre.interval->high) << shift;
    }
  }
  const auto equal = hodges_lehmann(std::vector<double>(8, 0.25));
  EXPECT_EQ(equal.estimate, 0.25);
  EXPECT_EQ(equal.interval->low, 0.25);
  EXPECT_EQ(equal.interval->high, 0.25);
}

TEST(HodgesLehmann, NothingJumpsWhereTheNormalApproximationTakesOver) {
  std::vector<double> differences;
  for (std::size_t i = 0; i <= kMostForExactInterval; ++i) differences.push_back(std::sin(static_cast<double>(i * i)));
  const auto approximate = hodges_lehmann(differences);
  differences.pop_back();
  const auto exact = hodges_lehmann(differences);
  EXPECT_NEAR(approximate.interval->low, exact.interval->low, 0.02);
  EXPECT_NEAR(approximate.interval->high, exact.interval->high, 0.02);
  EXPECT_NEAR(approximate.coverage, exact.coverage, 1e-4);
}

TEST(HodgesLehmann, RefusesWhatHasNoCentre) {
  EXPECT_THROW(hodges_lehmann({}), CheckError);
  EXPECT_THROW(hodges_lehmann(std::vector{std::numeric_limits<double>::quiet_NaN()}), CheckError);
  EXPECT_THROW(hodges_lehmann(std::vector<double>(kMostForHodgesLehmann + 1, 1.0)), CheckError);
  EXPECT_THROW(hodges_lehmann(std::vector{1.0}, {.level = 1}), CheckError);
  EXPECT_THROW(hodges_lehmann(std::vector{1.0}, {.level = 0}), CheckError);
}

}  // namespace
}  // namespace wan::measure
