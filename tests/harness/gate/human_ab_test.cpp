// Votes to verdicts: against closed forms and SciPy's values, and every kind of file that is not what a page of this run exports.
#include "harness/gate/human_ab.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"
#include "harness/gate/ab_trials.h"
#include "tests/support/harness/ab_votes.h"
#include "tests/support/harness/records.h"
#include "tests/support/usage_error.h"

namespace wan::gate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::Preferred;
using testing::sheet_of;

HumanVerdict of_counts(std::size_t wins, std::size_t losses, std::size_t ties = 0, double margin = kAbMargin) {
  HumanVerdict verdict{.configuration = "fast", .baseline = "bf16", .wins = wins, .losses = losses, .ties = ties};
  decide(verdict, margin);
  return verdict;
}

// scipy.stats.binomtest(k, n): pvalue and proportion_ci(method="exact"); all can be checked by hand from sums of binomials over 2^n.
TEST(HumanAb, IntervalAndPAreExact) {
  const HumanVerdict nine = of_counts(9, 1);
  EXPECT_DOUBLE_EQ(*nine.share, 0.9);
  EXPECT_NEAR(*nine.p, 22.0 / 1024, 1e-12);  // 2 (1 + 10) / 2^10
  EXPECT_NEAR(nine.interval->low, 0.5549839, 1e-6);
  EXPECT_NEAR(nine.interval->high, 0.9974714, 1e-6);
  const HumanVerdict none = of_counts(0, 10);
  EXPECT_NEAR(*none.p, 2.0 / 1024, 1e-12);
  EXPECT_EQ(none.interval->low, 0);
  EXPECT_NEAR(none.interval->high, 1 - std::pow(0.025, 0.1), 1e-9);
  const HumanVerdict even = of_counts(5, 5);
  EXPECT_DOUBLE_EQ(*even.p, 1);
  EXPECT_NEAR(even.interval->low, 0.1870860, 1e-6);
  EXPECT_NEAR(even.interval->high, 0.8129140, 1e-6);
}

TEST(HumanAb, LosingManyVotesFailsWinningManyHoldsAndFewDecideNothing) {
  EXPECT_EQ(of_counts(0, 10).outcome, Outcome::failed);         // at most 0.31
  EXPECT_EQ(of_counts(9, 1).outcome, Outcome::held);            // at least 0.55
  EXPECT_EQ(of_counts(5, 5).outcome, Outcome::inconclusive);    // 0.19 to 0.81
  EXPECT_EQ(of_counts(60, 60).outcome, Outcome::held);          // as good as even: at least 0.41
  EXPECT_EQ(of_counts(45, 45).outcome, Outcome::inconclusive);  // at least 0.39
  // The figures of `wan-eval help gates`.
  EXPECT_EQ(of_counts(52, 52).outcome, Outcome::held);
  EXPECT_EQ(of_counts(51, 51).outcome, Outcome::inconclusive);
  EXPECT_EQ(of_counts(6, 1).outcome, Outcome::held);
  EXPECT_EQ(of_counts(0, 8).outcome, Outcome::failed);
  EXPECT_TRUE(of_counts(0, 10).reason.starts_with("baseline_preferred"));
}

TEST(HumanAb, AWiderMarginIsMorePatient) {
  EXPECT_EQ(of_counts(20, 30, 0, 0).outcome, Outcome::inconclusive);  // 0.26 to 0.55
  EXPECT_EQ(of_counts(20, 30, 0, 0.3).outcome, Outcome::held);
  EXPECT_EQ(of_counts(4, 20, 0, 0).outcome, Outcome::failed);  // at most 0.37
  EXPECT_EQ(of_counts(4, 20, 0, 0.3).outcome, Outcome::inconclusive);
}

TEST(HumanAb, TiesStandApartAndAloneDecideNothing) {
  const HumanVerdict with = of_counts(9, 1, 100), without = of_counts(9, 1);
  EXPECT_EQ(with.interval->low, without.interval->low);
  EXPECT_EQ(with.p, without.p);
  EXPECT_EQ(with.ties, 100U);
  const HumanVerdict ties = of_counts(0, 0, 7);
  EXPECT_EQ(ties.outcome, Outcome::inconclusive);
  EXPECT_FALSE(ties.share);
  EXPECT_EQ(of_counts(0, 0).outcome, Outcome::not_measured);
}

// --- trials ---

TEST(AbTrials, EveryPairTwiceWithSidesSwappedUnderIdsOfTheirOwn) {
  const store::RunRecord run = testing::good_run();
  const auto trials = ab_trials(run, 7);
  ASSERT_EQ(trials.size(), 2 * 6U) << "fast alone is judged: others are compared with the rest";
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < trials.size(); i += 2) {
    EXPECT_EQ(trials[i].candidate, trials[i + 1].candidate);
    EXPECT_EQ(trials[i].baseline->configuration, "bf16");
    EXPECT_EQ(trials[i].baseline->prompt, trials[i].candidate->prompt);
    EXPECT_NE(trials[i].candidate_left, trials[i + 1].candidate_left);
    EXPECT_TRUE(!trials[i].repeat && trials[i + 1].repeat);
    ids.insert(ids.end(), {trials[i].id, trials[i + 1].id});
  }
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
  EXPECT_EQ(ids.front().size(), 16U);
}

TEST(AbTrials, SidesFollowFromTheSeedAndAreBalancedOverSeeds) {
  const store::RunRecord run = testing::good_run();
  std::size_t left = 0, all = 0, like_before = 0;
  auto before = ab_trials(run, 0);
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto trials = ab_trials(run, seed), again = ab_trials(run, seed);
    for (std::size_t i = 0; i < trials.size(); ++i) {
      EXPECT_EQ(trials[i].id, again[i].id);
      EXPECT_EQ(trials[i].candidate_left, again[i].candidate_left);
      if (trials[i].repeat) continue;
      ++all;
      left += trials[i].candidate_left ? 1 : 0;
      like_before += trials[i].candidate_left == before[i].candidate_left ? 1 : 0;
    }
    before = trials;
  }
  // Fair coins: 600 of 1200 with a standard deviation of 17; fixed seeds, so that this never changes by itself.
  EXPECT_NEAR(static_cast<double>(left), 0.5 * static_cast<double>(all), 70);
  EXPECT_NEAR(static_cast<double>(like_before), 0.5 * static_cast<double>(all), 70);
}

TEST(AbTrials, WhatDoesNotDifferOrDidNotFinishIsNoTrial) {
  store::RunRecord run = testing::good_run();
  auto& cells = testing::candidate(run).cells;
  cells[0].clip_hash = testing::configuration(run, "bf16").cells[0].clip_hash;
  testing::fail(cells[1], "crash: x");
  testing::fail(testing::configuration(run, "bf16").cells[2], "crash: x");
  EXPECT_EQ(ab_trials(run, 0).size(), 2 * 3U);
}

TEST(AbTrials, ConfigurationsAndPromptsTakeTurnsUnderALimit) {
  store::RunRecord run = testing::good_run();
  run.configurations.push_back(testing::candidate(run));
  auto& other = run.configurations.back();
  other.configuration.id = "other";
  for (auto& cell : other.cells) cell.configuration = "other";
  const auto chosen = choose_trials(ab_trials(run, 3), 4);
  std::size_t fast = 0, repeats = 0;
  std::vector<std::string> prompts;
  for (const auto& trial : chosen) {
    if (trial.repeat) {
      ++repeats;
      continue;
    }
    fast += trial.candidate->configuration == "fast" ? 1 : 0;
    prompts.push_back(trial.candidate->prompt);
  }
  EXPECT_EQ(chosen.size(), 5U);
  EXPECT_EQ(repeats, 1U);
  EXPECT_EQ(fast, 2U);
  std::sort(prompts.begin(), prompts.end());
  EXPECT_EQ(std::unique(prompts.begin(), prompts.end()) - prompts.begin(), 3) << "p1, p2 of one, p2, p3 of the other";
}

TEST(AbTrials, RepeatsComeBehindWhatTheyRepeat) {
  const store::RunRecord run = testing::good_run();
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto chosen = choose_trials(ab_trials(run, seed), 24);
    ASSERT_EQ(chosen.size(), 7U);
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      if (!chosen[i].repeat) continue;
      const auto first =
          std::find_if(chosen.begin(), chosen.end(), [&](const AbTrial& trial) { return trial.candidate == chosen[i].candidate; });
      EXPECT_LT(first - chosen.begin(), 3);
      EXPECT_GE(i, 3U);
    }
  }
}

// --- votes ---

TEST(JudgeVotes, UnblindsPoolsAndCountsRepeatsForConsistencyAlone) {
  const store::RunRecord run = testing::good_run();
  // Six pairs and one repeat a sheet. The second rater answers by side: the repeat, sides swapped, contradicts.
  VoteSheet first = sheet_of(run, 1, "a", [](const AbTrial&) { return Preferred::candidate; });
  VoteSheet second =
      sheet_of(run, 2, "b", [](const AbTrial& trial) { return trial.candidate_left ? Preferred::candidate : Preferred::baseline; });
  first.rater = "Ada";
  const HumanAb people = judge_votes(run, std::vector<NamedSheet>{{"a.json", first}, {"b.json", second}});
  ASSERT_EQ(people.verdicts.size(), 1U);
  const HumanVerdict& fast = people.verdicts[0];
  EXPECT_EQ(fast.configuration, "fast");
  EXPECT_EQ(fast.wins + fast.losses, 12U);
  EXPECT_GE(fast.wins, 6U);
  EXPECT_EQ(fast.consistency, (Consistency{.repeats = 2, .same = 1}));
  EXPECT_EQ(people.consistency, fast.consistency);
  EXPECT_EQ(people.answered, 14U);
  EXPECT_EQ(people.sheets, 2U);
  EXPECT_EQ(people.raters, (std::vector<std::string>{"Ada"}));
  EXPECT_DOUBLE_EQ(*people.median_answer_s, 1.5);
}

TEST(JudgeVotes, TiesAndUnansweredTrials) {
  const store::RunRecord run = testing::good_run();
  std::size_t shown = 0;
  const VoteSheet sheet = sheet_of(run, 1, "a", [&](const AbTrial&) { return shown++ == 0 ? Preferred::neither : Preferred::unanswered; });
  const HumanAb people = judge_votes(run, std::vector<NamedSheet>{{"a.json", sheet}});
  EXPECT_EQ(people.verdicts[0].ties, 1U);
  EXPECT_EQ(people.verdicts[0].outcome, Outcome::inconclusive);
  EXPECT_EQ(people.unanswered, 6U);
  EXPECT_EQ(overall(people), Outcome::inconclusive);
}

TEST(JudgeVotes, WithoutVotesNothingIsMeasured) {
  const store::RunRecord run = testing::good_run();
  const HumanAb people = judge_votes(run, {});
  EXPECT_EQ(people.verdicts.at(0).outcome, Outcome::not_measured);
  EXPECT_EQ(overall(people), Outcome::not_measured);
  EXPECT_FALSE(people.median_answer_s);
  EXPECT_THROW(judge_votes(run, {}, 0.5), CheckError);
}

TEST(JudgeVotes, WhatIsNotOfThisRunOrPageIsRefusedWithItsPlace) {
  const store::RunRecord run = testing::good_run();
  const VoteSheet good = sheet_of(run, 1, "a", [](const AbTrial&) { return Preferred::candidate; });
  const auto judge = [&](const VoteSheet& sheet) { judge_votes(run, std::vector<NamedSheet>{{"v.json", sheet}}); };
  VoteSheet sheet = good;
  sheet.run = "0123456789abcdef";
  EXPECT_USAGE_ERROR(judge(sheet), AllOf(HasSubstr("v.json.run"), HasSubstr("another run"), HasSubstr(run.run_id)));
  sheet = good;
  sheet.trials[2].id = "0123456789abcdef";
  EXPECT_USAGE_ERROR(judge(sheet), AllOf(HasSubstr("v.json.trials[2].id"), HasSubstr("0123456789abcdef")));
  sheet = good;
  sheet.seed = 2;
  EXPECT_USAGE_ERROR(judge(sheet), HasSubstr("v.json.trials[0].id"));
  sheet = good;
  sheet.trials.erase(sheet.trials.begin());
  EXPECT_USAGE_ERROR(judge(sheet), AllOf(HasSubstr("v.json.page"), HasSubstr("taken away")));
  sheet = good;
  std::swap(sheet.trials[0], sheet.trials[1]);
  EXPECT_USAGE_ERROR(judge(sheet), HasSubstr("v.json.page"));
  EXPECT_USAGE_ERROR(judge_votes(run, std::vector<NamedSheet>{{"v.json", good}, {"later.json", good}}),
                     AllOf(HasSubstr("later.json.sitting"), HasSubstr("v.json")));
}

TEST(JudgeVotes, AnEditedCellNoLongerFitsItsTrials) {
  store::RunRecord run = testing::good_run();
  const VoteSheet sheet = sheet_of(run, 1, "a", [](const AbTrial&) { return Preferred::candidate; });
  for (auto& cell : testing::candidate(run).cells) cell.seal = "another";
  EXPECT_USAGE_ERROR(judge_votes(run, std::vector<NamedSheet>{{"v.json", sheet}}), HasSubstr("is no trial of run"));
}

}  // namespace
}  // namespace wan::gate
