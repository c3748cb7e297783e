#include "harness/measure/proportion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "harness/measure/distributions.h"
#include "tests/support/harness/statistics_golden.h"

namespace wan::measure {
namespace {

TEST(Proportion, ClopperPearsonEqualsStatsmodels) {
  for (const auto& golden : testing::golden_cases("proportions"))
    testing::expect_golden_interval(golden,
                                    clopper_pearson(golden.at("successes"), golden.at("trials"), testing::golden_confidence(golden)));
}

TEST(Proportion, WhatNoBadClipProves) {
  const auto at_most = [](std::size_t clips) { return clopper_pearson(0, clips, {.bounds = Bounds::upper}).high; };
  EXPECT_NEAR(at_most(24), 0.117, 5e-4);  // measurement.md §2.3
  EXPECT_NEAR(at_most(48), 0.061, 5e-4);
  EXPECT_NEAR(at_most(96), 0.031, 5e-4);
  EXPECT_NEAR(at_most(248), 0.012, 5e-4);
}

// The chance that the interval holds the rate, summed over every outcome: no simulation, so no allowance.
double coverage(std::size_t trials, double rate, const Confidence& confidence) {
  double sum = 0;
  for (std::size_t k = 0; k <= trials; ++k) {
    const Interval interval = clopper_pearson(k, trials, confidence);
    if (interval.low > rate || rate > interval.high) continue;
    sum += binomial_cdf(k, trials, rate) - (k > 0 ? binomial_cdf(k - 1, trials, rate) : 0);
  }
  return sum;
}

TEST(Proportion, CoversAtLeastAsOftenAsItSays) {
  constexpr double kRounding = 1e-10;  // of summed differences
  for (const std::size_t trials : {1u, 12u, 24u, 96u})
    for (const Bounds bounds : {Bounds::both, Bounds::lower, Bounds::upper}) {
      double least = 1;
      for (double rate = 0.005; rate < 1; rate += 0.005) least = std::min(least, coverage(trials, rate, {.bounds = bounds}));
      EXPECT_GE(least, 0.95 - kRounding) << trials << " trials";
    }
}

TEST(Proportion, RefusesNoTrialsMoreSuccessesThanTrialsAndImpossibleLevels) {
  EXPECT_THROW(clopper_pearson(0, 0), CheckError);
  EXPECT_THROW(clopper_pearson(3, 2), CheckError);
  EXPECT_THROW(clopper_pearson(1, 2, {.level = 0}), CheckError);
}

}  // namespace
}  // namespace wan::measure
