#include "harness/measure/multiplicity.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "engine/base/error.h"
#include "tests/support/harness/statistics_golden.h"

namespace wan::measure {
namespace {

TEST(Multiplicity, HolmEqualsStatsmodels) {
  for (const auto& golden : testing::golden_cases("holm")) {
    const auto adjusted = holm_adjusted(golden.at("p").get<std::vector<double>>());
    const auto expected = golden.at("adjusted").get<std::vector<double>>();
    ASSERT_EQ(adjusted.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR(adjusted[i], expected[i], testing::golden_tolerance(expected[i])) << golden.dump();
  }
}

TEST(Multiplicity, NoAlarmsNoValuesAndNothingOutsideZeroToOne) {
  EXPECT_TRUE(holm_adjusted({}).empty());
  EXPECT_THROW(holm_adjusted(std::vector{0.5, 1.5}), CheckError);
  EXPECT_THROW(holm_adjusted(std::vector{-0.1}), CheckError);
  EXPECT_THROW(holm_adjusted(std::vector{std::numeric_limits<double>::quiet_NaN()}), CheckError);
}

}  // namespace
}  // namespace wan::measure
