#include "harness/measure/effective_size.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "engine/base/error.h"
#include "tests/support/harness/statistics_golden.h"

namespace wan::measure {
namespace {

using Scores = std::vector<SeedScores>;

TEST(EffectiveSize, CorrelationIsThatOfTheAnalysisOfVariance) {
  for (const auto& golden : testing::golden_cases("effective_size")) {
    const auto scores = golden.at("scores").get<Scores>();
    const EffectiveSize size = effective_size(scores);
    // Absolute: where prompts hardly differ, rho is a small difference of variances around 1.
    EXPECT_NEAR(size.seed_correlation.value(), golden.at("rho").get<double>(), 1e-10) << golden.dump();
    EXPECT_NEAR(size.n_effective, golden.at("n_effective").get<double>(), 1e-10 * size.n_effective) << golden.dump();
    EXPECT_EQ(size.prompts, scores.size());
    EXPECT_EQ(size.clips, scores.size() * scores[0].size());
  }
}

TEST(EffectiveSize, SeedsThatRepeatEachOtherAddNothing) {
  const EffectiveSize same = effective_size(Scores{{1, 1, 1}, {2, 2, 2}, {5, 5, 5}});
  EXPECT_EQ(same.seed_correlation.value(), 1);
  EXPECT_DOUBLE_EQ(same.n_effective, 3);
  const EffectiveSize unlike = effective_size(Scores{{1, 2, 3}, {3, 1, 2}});  // prompts tell nothing: every clip counts
  EXPECT_EQ(unlike.seed_correlation.value(), 0);
  EXPECT_DOUBLE_EQ(unlike.n_effective, 6);
}

// By hand: sizes 1, 2 and 3, means 2, 4 and 7, grand mean 31/6. SSB = (19/6)^2 + 2 (7/6)^2 + 3 (11/6)^2 = 137/6, SSW = 2 + 2 = 4, so
// MSB = 137/12, MSW = 4/3; n0 = (6 - 14/6) / 2 = 11/6, and rho = (137/12 - 4/3) / (137/12 + (5/6)(4/3)) = 1089/1353.
TEST(EffectiveSize, PromptsMayHaveUnequalNumbersOfSeeds) {
  const EffectiveSize size = effective_size(Scores{{2}, {3, 5}, {6, 7, 8}});
  const double rho = 1089.0 / 1353;
  EXPECT_NEAR(size.seed_correlation.value(), rho, 1e-12);
  EXPECT_NEAR(size.n_effective, 1 + 2 / (1 + rho) + 3 / (1 + 2 * rho), 1e-12);
  EXPECT_EQ(size.clips, 6u);
}

TEST(EffectiveSize, AnUnknownCorrelationCountsPrompts) {
  for (const Scores& scores : {Scores{{1, 2, 3}}, Scores{{1}, {2}, {3}}, Scores{{4, 4}, {4, 4}}}) {
    const EffectiveSize size = effective_size(scores);
    EXPECT_FALSE(size.seed_correlation.has_value());
    EXPECT_DOUBLE_EQ(size.n_effective, static_cast<double>(scores.size()));
  }
}

TEST(EffectiveSize, MeansOverSeedsAreOneAPrompt) {
  EXPECT_EQ(prompt_means(Scores{{1, 3}, {4}, {1, 2, 6}}), (std::vector<double>{2, 4, 3}));
}

TEST(EffectiveSize, RefusesNoPromptsPromptsWithoutSeedsAndNan) {
  EXPECT_THROW(prompt_means({}), CheckError);
  EXPECT_THROW(effective_size(Scores{{1}, {}}), CheckError);
  EXPECT_THROW(effective_size(Scores{{1, std::numeric_limits<double>::quiet_NaN()}}), CheckError);
}

}  // namespace
}  // namespace wan::measure
