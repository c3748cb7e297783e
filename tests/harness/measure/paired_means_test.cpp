#include "harness/measure/paired_means.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "engine/base/error.h"
#include "tests/support/harness/statistics_golden.h"

namespace wan::measure {
namespace {

TEST(PairedMeans, TestAndIntervalEqualScipy) {
  for (const auto& golden : testing::golden_cases("paired_t")) {
    const auto differences = testing::golden_sample(golden);
    if (golden.contains("level")) {
      testing::expect_golden_interval(golden, mean_interval(differences, testing::golden_confidence(golden)).value());
      continue;
    }
    const PairedT test = paired_t_test(differences, testing::golden_alternative(golden));
    EXPECT_NEAR(test.t.value(), golden.at("t").get<double>(), testing::golden_tolerance(golden["t"])) << golden.dump();
    EXPECT_NEAR(test.p.value(), golden.at("p").get<double>(), testing::golden_tolerance(golden["p"])) << golden.dump();
  }
}

TEST(PairedMeans, EquivalenceEqualsStatsmodels) {
  for (const auto& golden : testing::golden_cases("equivalence")) {
    SCOPED_TRACE(golden.dump());
    const Equivalence test = equivalence_test(testing::golden_sample(golden), golden.at("low"), golden.at("high"));
    const auto expect = [&](double ours, const char* key) {
      EXPECT_NEAR(ours, golden.at(key).get<double>(), testing::golden_tolerance(golden[key])) << key;
    };
    expect(test.p.value(), "p");
    expect(test.above_low.t.value(), "t_low");
    expect(test.above_low.p.value(), "p_low");
    expect(test.below_high.t.value(), "t_high");
    expect(test.below_high.p.value(), "p_high");
  }
}

TEST(PairedMeans, EquivalenceIsTheNinetyPercentIntervalInside) {
  const std::vector<double> differences{0.1, -0.2, 0.3, 0.05, -0.1, 0.15};
  const Interval interval = mean_interval(differences, {.level = 0.9}).value();
  EXPECT_NEAR(equivalence_test(differences, interval.low, 1).p.value(), 0.05, 1e-12);
  EXPECT_NEAR(equivalence_test(differences, -1, interval.high).p.value(), 0.05, 1e-12);
}

TEST(PairedMeans, OneDifferenceIsNotEnoughEvidence) {
  const std::vector<double> one{0.5};
  EXPECT_EQ(mean_of_differences(one).mean, 0.5);
  EXPECT_FALSE(mean_of_differences(one).standard_deviation.has_value());
  EXPECT_FALSE(mean_interval(one).has_value());
  EXPECT_FALSE(paired_t_test(one).p.has_value());
  EXPECT_FALSE(equivalence_test(one, -1, 1).p.has_value());
}

TEST(PairedMeans, IdenticalDifferencesHaveNoSpreadAndNoNan) {
  const std::vector<double> equal(11, 0.1), zero(3, 0.0);  // eleven times 0.1 is not 1.1
  EXPECT_EQ(mean_interval(equal)->low, 0.1);
  EXPECT_EQ(mean_interval(equal)->high, 0.1);
  EXPECT_EQ(paired_t_test(equal).p.value(), 0);
  EXPECT_EQ(paired_t_test(equal, Alternative::less).p.value(), 1);
  EXPECT_EQ(paired_t_test(zero).t.value(), 0);
  EXPECT_EQ(paired_t_test(zero).p.value(), 1);
  EXPECT_EQ(equivalence_test(zero, -1, 1).p.value(), 0);
}

TEST(PairedMeans, RefuseNoDifferencesNanAndImpossibleLevels) {
  const std::vector<double> two{1, 2};
  EXPECT_THROW(mean_of_differences({}), CheckError);
  EXPECT_THROW(paired_t_test(std::vector{1.0, std::numeric_limits<double>::infinity()}), CheckError);
  EXPECT_THROW(mean_interval(two, {.level = 1.2}), CheckError);
  EXPECT_THROW(equivalence_test(two, 1, 1), CheckError);
  EXPECT_THROW(equivalence_test(two, std::numeric_limits<double>::quiet_NaN(), 1), CheckError);
}

}  // namespace
}  // namespace wan::measure
