#include "harness/measure/non_inferiority.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "tests/support/harness/statistics_golden.h"

namespace wan::measure {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

LossScale scale_named(const std::string& name) {
  return name == "psnr_db"   ? LossScale::psnr_db
         : name == "ssim_db" ? LossScale::ssim_db
         : name == "log"     ? LossScale::log
                             : LossScale::plain;
}

TEST(NonInferiority, BoundsEqualScipyOnTheTransformedScale) {
  for (const auto& golden : testing::golden_cases("non_inferiority")) {
    SCOPED_TRACE(golden.at("scale"));
    const auto differences = worsening(scale_named(golden.at("scale")), golden.at("reference").get<std::vector<double>>(),
                                       golden.at("candidate").get<std::vector<double>>());
    const NonInferiority result = non_inferiority(differences, {.value = 0.5}, golden.at("alpha"));
    // Sums of 24 values of up to 60 that cancel.
    EXPECT_NEAR(result.mean, golden.at("mean").get<double>(), 1e-12);
    EXPECT_NEAR(result.bounds->low, golden.at("low").get<double>(), 1e-10);
    EXPECT_NEAR(result.bounds->high, golden.at("high").get<double>(), 1e-10);
  }
}

TEST(NonInferiority, LossGrowsAsQualityFallsAndEndsAtTheCap) {
  EXPECT_GT(loss(LossScale::psnr_db, 30), loss(LossScale::psnr_db, 31));
  EXPECT_GT(loss(LossScale::ssim_db, 0.90), loss(LossScale::ssim_db, 0.95));
  EXPECT_GT(loss(LossScale::log, 0.10), loss(LossScale::log, 0.05));
  EXPECT_GT(loss(LossScale::plain, 0.2), loss(LossScale::plain, 0.3));
  EXPECT_EQ(loss(LossScale::psnr_db, kInfinity), -kPsnrCapDb);
  EXPECT_EQ(loss(LossScale::ssim_db, 1), -kSsimCapDb);
  EXPECT_EQ(loss(LossScale::log, 0), std::log(kLogFloor));
  EXPECT_DOUBLE_EQ(loss(LossScale::ssim_db, 0.99), -20);
}

TEST(NonInferiority, DecidesInThreeValues) {
  const std::vector<double> around_one{0.9, 1.0, 1.1, 1.05, 0.95};  // SE 0.035, t 2.13: bounds 0.925 and 1.075
  EXPECT_EQ(non_inferiority(around_one, {.value = 1.2}).decision, Decision::held);
  EXPECT_EQ(non_inferiority(around_one, {.value = 0.8}).decision, Decision::regressed);
  EXPECT_EQ(non_inferiority(around_one, {.value = 1.0}).decision, Decision::inconclusive);
  EXPECT_EQ(non_inferiority(std::vector{-5.0}, {.value = 1.0}).decision, Decision::inconclusive);  // one prompt proves nothing
  EXPECT_FALSE(non_inferiority(std::vector{-5.0}, {.value = 1.0}).bounds.has_value());
}

TEST(NonInferiority, IdenticalClipsHoldAtAMarginOfZero) {
  const std::vector<double> identical(6, kInfinity);
  EXPECT_EQ(non_inferiority(worsening(LossScale::psnr_db, identical, identical), {.value = 0}).decision, Decision::held);
  EXPECT_EQ(non_inferiority(worsening_beyond(LossScale::psnr_db, 30, identical), {.value = 0}).decision, Decision::held);
}

TEST(NonInferiority, OneLimitForAllPrompts) {
  EXPECT_EQ(worsening_beyond(LossScale::psnr_db, 30, std::vector<double>{29, 33}), (std::vector<double>{1, -3}));
}

TEST(NonInferiority, MarginIsTheSmallerOfThePercentAndTheDeviation) {
  EXPECT_DOUBLE_EQ(frozen_margin({.mean = -35, .standard_deviation_of_differences = 2}).value, 0.35);
  EXPECT_DOUBLE_EQ(frozen_margin({.mean = 35, .standard_deviation_of_differences = 1}).value, 0.3);
  EXPECT_THROW(frozen_margin({.mean = 35, .standard_deviation_of_differences = -1}), CheckError);
  EXPECT_THROW(frozen_margin({.mean = kNan}), CheckError);
}

TEST(NonInferiority, RefusesScoresOffTheirScaleAndImpossibleQuestions) {
  const std::vector<double> two{1, 2}, three{1, 2, 3};
  EXPECT_THROW(loss(LossScale::ssim_db, 1.01), CheckError);
  EXPECT_THROW(loss(LossScale::log, -0.1), CheckError);
  EXPECT_THROW(loss(LossScale::plain, kNan), CheckError);
  EXPECT_THROW(worsening(LossScale::plain, two, three), CheckError);
  EXPECT_THROW(non_inferiority({}, {.value = 1}), CheckError);
  EXPECT_THROW(non_inferiority(two, {.value = -1}), CheckError);
  EXPECT_THROW(non_inferiority(two, {.value = kNan}), CheckError);
  EXPECT_THROW(non_inferiority(two, {.value = 1}, 0.5), CheckError);
  EXPECT_THROW(non_inferiority(std::vector{1.0, -kInfinity}, {.value = 1}), CheckError);
}

}  // namespace
}  // namespace wan::measure
