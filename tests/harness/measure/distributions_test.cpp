#include "harness/measure/distributions.h"

#include <gtest/gtest.h>

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

double call(const std::string& function, const std::vector<double>& x) {
  if (function == "normal_cdf") return normal_cdf(x.at(0));
  if (function == "normal_quantile") return normal_quantile(x.at(0));
  if (function == "student_t_cdf") return student_t_cdf(x.at(0), x.at(1));
  if (function == "student_t_quantile") return student_t_quantile(x.at(0), x.at(1));
  if (function == "beta_quantile") return beta_quantile(x.at(0), x.at(1), x.at(2));
  if (function == "binomial_cdf") return binomial_cdf(static_cast<std::size_t>(x.at(0)), static_cast<std::size_t>(x.at(1)), x.at(2));
  ADD_FAILURE() << "no function " << function;
  return kNan;
}

TEST(Distributions, EqualScipyTailsIncluded) {
  for (const auto& golden : testing::golden_cases("distributions")) {
    // Relative even at 1e-300: a p-value is printed and multiplied.
    const double expected = golden.at("value"), tolerance = 1e-10 * std::abs(expected);
    EXPECT_NEAR(call(golden.at("function"), golden.at("arguments")), expected, tolerance) << golden.dump();
  }
}

TEST(Distributions, QuantilesOfZeroAndOneAreTheEndsOfTheSupport) {
  EXPECT_EQ(normal_quantile(0), -kInfinity);
  EXPECT_EQ(normal_quantile(1), kInfinity);
  EXPECT_EQ(student_t_quantile(1, 3), kInfinity);
  EXPECT_EQ(student_t_cdf(-kInfinity, 3), 0);
  EXPECT_EQ(student_t_cdf(kInfinity, 3), 1);
  EXPECT_EQ(beta_quantile(0, 2, 3), 0);
  EXPECT_EQ(beta_quantile(1, 2, 3), 1);
}

TEST(Distributions, RefuseWhatHasNoDistribution) {
  EXPECT_THROW(normal_cdf(kNan), CheckError);
  EXPECT_THROW(normal_quantile(1.5), CheckError);
  EXPECT_THROW(normal_quantile(kNan), CheckError);
  EXPECT_THROW(student_t_cdf(0, 0), CheckError);
  EXPECT_THROW(student_t_cdf(kNan, 3), CheckError);
  EXPECT_THROW(student_t_quantile(0.5, -1), CheckError);
  EXPECT_THROW(beta_quantile(0.5, 0, 1), CheckError);
  EXPECT_THROW(binomial_cdf(3, 2, 0.5), CheckError);
  EXPECT_THROW(binomial_cdf(1, 2, -0.5), CheckError);
}

}  // namespace
}  // namespace wan::measure
