#include "harness/measure/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "engine/base/error.h"

namespace wan::measure {
namespace {

// Sums of a dozen terms in double: a few units in the last place.
constexpr double kRounding = 1e-14;

TEST(Statistics, QuantileInterpolatesLinearly) {
  const std::vector<double> samples{4, 1, 3, 2};  // positions 0, 1, 2, 3 of the sorted list
  EXPECT_DOUBLE_EQ(quantile(samples, 0), 1);
  EXPECT_DOUBLE_EQ(quantile(samples, 1), 4);
  EXPECT_DOUBLE_EQ(quantile(samples, 0.25), 1.75);  // position 0.75
  EXPECT_DOUBLE_EQ(median(samples), 2.5);
  EXPECT_DOUBLE_EQ(median(std::vector<double>{7}), 7);
}

TEST(Statistics, SummaryOfOneToNine) {
  const std::vector<double> samples{9, 8, 7, 6, 5, 4, 3, 2, 1};
  const Summary summary = summarize(samples);
  EXPECT_EQ(summary.n, 9u);
  EXPECT_DOUBLE_EQ(summary.median, 5);
  EXPECT_DOUBLE_EQ(summary.q1, 3);
  EXPECT_DOUBLE_EQ(summary.q3, 7);
  EXPECT_DOUBLE_EQ(summary.min, 1);
  EXPECT_DOUBLE_EQ(summary.max, 9);
  ASSERT_TRUE(summary.relative_iqr.has_value());
  EXPECT_DOUBLE_EQ(*summary.relative_iqr, 0.8);
}

TEST(Statistics, FourSamplesHaveNoNoiseFigureAndFiveHave) {
  EXPECT_FALSE(summarize(std::vector<double>{1, 2, 3, 4}).relative_iqr.has_value());
  EXPECT_TRUE(summarize(std::vector<double>{1, 2, 3, 4, 5}).relative_iqr.has_value());
  const std::vector<PairedTime> four(4, {2, 1}), five(5, {2, 1});
  EXPECT_FALSE(speed_ratio(four).noise.has_value());
  EXPECT_TRUE(speed_ratio(five).noise.has_value());
}

TEST(Statistics, RatioIsTheGeometricMeanOverPairs) {
  // 2x and 8x: geometric mean 4, and not the arithmetic 5.
  const std::vector<PairedTime> pairs{{2, 1}, {8, 1}};
  const SpeedRatio ratio = speed_ratio(pairs);
  EXPECT_EQ(ratio.n, 2u);
  EXPECT_NEAR(ratio.geometric_mean, 4, 4 * kRounding);
  EXPECT_DOUBLE_EQ(ratio.ratio_of_medians, 5);
}

TEST(Statistics, PairingRemovesWhatAPromptCosts) {
  // Times differ tenfold between prompts, the ratio is 1.25 in each: no noise.
  std::vector<PairedTime> pairs;
  for (const double cost : {1.0, 2.0, 4.0, 8.0, 10.0, 3.0}) pairs.push_back({1.25 * cost, cost});
  const SpeedRatio ratio = speed_ratio(pairs);
  EXPECT_NEAR(ratio.geometric_mean, 1.25, 1.25 * kRounding);
  ASSERT_TRUE(ratio.noise.has_value());
  EXPECT_NEAR(*ratio.noise, 0, kRounding);
}

TEST(Statistics, NoiseIsTheStandardErrorFromTheInterquartileRange) {
  // Log ratios -2d, -d, 0, d, 2d: quartiles -d and d, so IQR 2d; over 1.349 and the root of five.
  const double d = 0.01;
  std::vector<PairedTime> pairs;
  for (const double k : {-2.0, -1.0, 0.0, 1.0, 2.0}) pairs.push_back({std::exp(k * d), 1.0});
  const SpeedRatio ratio = speed_ratio(pairs);
  ASSERT_TRUE(ratio.noise.has_value());
  EXPECT_NEAR(*ratio.noise, 2 * d / 1.3489795003921634 / std::sqrt(5.0), kRounding);
  EXPECT_NEAR(ratio.geometric_mean, 1, kRounding);
}

TEST(Statistics, RefusesNoSamplesAndTimesThatAreNotTimes) {
  EXPECT_THROW(median({}), CheckError);
  EXPECT_THROW(summarize({}), CheckError);
  EXPECT_THROW(speed_ratio({}), CheckError);
  EXPECT_THROW(speed_ratio(std::vector<PairedTime>{{0, 1}}), CheckError);
  EXPECT_THROW(speed_ratio(std::vector<PairedTime>{{1, -1}}), CheckError);
  EXPECT_THROW(quantile(std::vector<double>{1}, 1.5), CheckError);
}

}  // namespace
}  // namespace wan::measure
