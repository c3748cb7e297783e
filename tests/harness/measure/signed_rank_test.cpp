#include "harness/measure/signed_rank.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "tests/support/harness/statistics_golden.h"

namespace wan::measure {
namespace {

ZeroMethod zero_method(const std::string& name) {
  return name == "pratt" ? ZeroMethod::pratt : name == "zsplit" ? ZeroMethod::zsplit : ZeroMethod::wilcox;
}

TEST(SignedRank, EqualsScipyInEveryModeTiesAndZerosIncluded) {
  for (const auto& golden : testing::golden_cases("signed_rank")) {
    SCOPED_TRACE(golden.dump());
    const SignedRankOptions options{
        .alternative = testing::golden_alternative(golden),
        .zeros = zero_method(golden.at("zeros")),
        .distribution = golden.at("distribution") == "exact" ? NullDistribution::exact : NullDistribution::normal,
        .continuity_correction = golden.value("correction", false)};
    const SignedRank test = signed_rank_test(testing::golden_sample(golden), options);
    const double p = golden.at("p");
    EXPECT_NEAR(test.p, p, 1e-10 * p);
    if (golden.contains("z")) {
      EXPECT_NEAR(test.z.value(), golden["z"].get<double>(), testing::golden_tolerance(golden["z"]));
    }
    if (!golden.contains("statistic")) continue;
    const double statistic = options.alternative == Alternative::two_sided ? std::min(test.r_plus, test.r_minus) : test.r_plus;
    EXPECT_EQ(statistic, golden["statistic"].get<double>());
  }
}

TEST(SignedRank, IsExactUpToSixtyByItself) {
  std::vector<double> sixty, more;
  for (int i = 1; i <= 61; ++i) (i < 61 ? sixty : more).push_back(i % 3 ? i : -i);
  more.insert(more.end(), sixty.begin(), sixty.end());
  EXPECT_FALSE(signed_rank_test(sixty).z.has_value());
  EXPECT_TRUE(signed_rank_test(more).z.has_value());
  // The two distributions are close there, so nothing jumps at the border.
  EXPECT_NEAR(signed_rank_test(sixty).p, signed_rank_test(sixty, {.distribution = NullDistribution::normal}).p, 1e-3);
}

TEST(SignedRank, TheFloorOfNDifferencesIsOneOfAllSigns) {
  const std::vector<double> eight{1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(signed_rank_test(eight, {.alternative = Alternative::greater}).p, 1.0 / 256);  // measurement.md §2.3: 0.0039
  EXPECT_EQ(signed_rank_test(eight).p, 2.0 / 256);
  EXPECT_EQ(signed_rank_test(eight, {.alternative = Alternative::less}).p, 1);
}

TEST(SignedRank, ZerosAloneSayNothing) {
  const std::vector<double> zeros(5, 0.0);
  for (const auto method : {ZeroMethod::wilcox, ZeroMethod::pratt, ZeroMethod::zsplit})
    for (const auto distribution : {NullDistribution::exact, NullDistribution::normal}) {
      const SignedRank test = signed_rank_test(zeros, {.zeros = method, .distribution = distribution});
      EXPECT_EQ(test.n, 0u);
      EXPECT_EQ(test.p, 1);
    }
}

TEST(SignedRank, RefusesNoDifferencesNanAndTooManyForTheExactTest) {
  EXPECT_THROW(signed_rank_test({}), CheckError);
  EXPECT_THROW(signed_rank_test(std::vector{1.0, std::numeric_limits<double>::quiet_NaN()}), CheckError);
  EXPECT_THROW(signed_rank_test(std::vector{std::numeric_limits<double>::infinity()}), CheckError);
  EXPECT_THROW(signed_rank_test(std::vector<double>(kMostForExact + 1, 1.0), {.distribution = NullDistribution::exact}), CheckError);
}

TEST(SignedRank, CoinSumsAreProbabilities) {
  EXPECT_EQ(coin_sum_distribution({}), std::vector<double>{1});
  EXPECT_EQ(coin_sum_distribution(std::vector<std::size_t>{1, 2, 2}), (std::vector<double>{0.125, 0.125, 0.25, 0.25, 0.125, 0.125}));
}

}  // namespace
}  // namespace wan::measure
