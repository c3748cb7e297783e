#include "harness/measure/speed_evidence.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "engine/base/error.h"

namespace wan::measure {
namespace {

// `n` blocks around `centre`, in pairs on either side of it, half a `step` and a `step` more each.
std::vector<double> spread(std::size_t n, double centre, double step) {
  std::vector<double> log_ratios;
  for (std::size_t i = 0; i < n; ++i) {
    const double distance = step * (0.5 + static_cast<double>(i / 2));  // NOLINT(bugprone-integer-division): the pair's number
    log_ratios.push_back(i % 2 == 0 ? centre + distance : centre - distance);
  }
  return log_ratios;
}

std::vector<double> joined(std::vector<double> first, const std::vector<double>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

TEST(Decision, IntervalBelowAboveAndAcrossTheLimit) {
  EXPECT_EQ(decide(Interval{.low = -1, .high = 1}, 1), Decision::held);
  EXPECT_EQ(decide(Interval{.low = 1, .high = 2}, 1), Decision::inconclusive);
  EXPECT_EQ(decide(Interval{.low = 1.1, .high = 2}, 1), Decision::regressed);
  EXPECT_EQ(decide(Interval{.low = 0.5}, 1), Decision::inconclusive);  // an open end excludes nothing
  EXPECT_EQ(decide(Interval{.high = 0.5}, 1), Decision::held);
  EXPECT_EQ(decide({}, 1), Decision::inconclusive);
  EXPECT_THROW(decide({}, std::numeric_limits<double>::quiet_NaN()), CheckError);
  EXPECT_STREQ(to_string(Decision::inconclusive), "inconclusive");
}

TEST(SpeedEvidence, HeldRegressedAndOpen) {
  const SpeedEvidence held = speed_evidence(spread(12, 0, 0.001), {});
  EXPECT_EQ(held.decision, Decision::held);
  EXPECT_EQ(held.reason, SpeedReason::not_slower);
  EXPECT_EQ(held.n, 12u);
  EXPECT_EQ(held.blocks_wanted, 0u);
  EXPECT_NEAR(held.speedup, 1, 1e-12);
  EXPECT_EQ(held.speedup_interval->level, 0.975);
  EXPECT_GT(held.speedup_interval->low, 1 / 1.01);
  const SpeedEvidence slower = speed_evidence(spread(12, 0.03, 0.001), {});
  EXPECT_EQ(slower.decision, Decision::regressed);
  EXPECT_EQ(slower.reason, SpeedReason::slower);
  EXPECT_NEAR(slower.speedup, std::exp(-0.03), 1e-12);
  EXPECT_LT(slower.speedup_interval->high, 1 / 1.01);
  const SpeedEvidence open = speed_evidence(spread(12, std::log1p(0.01), 0.001), {});
  EXPECT_EQ(open.decision, Decision::inconclusive);
  EXPECT_EQ(open.reason, SpeedReason::extension_wanted);
  EXPECT_EQ(open.blocks_wanted, 24u);
}

TEST(SpeedEvidence, MaterialityDecidesWhatASlowDownIs) {
  const auto log_ratios = spread(12, std::log(1.03), 0.001);
  EXPECT_EQ(speed_evidence(log_ratios, {.materiality = 0.01}).decision, Decision::regressed);
  EXPECT_EQ(speed_evidence(log_ratios, {.materiality = 0.05}).decision, Decision::held);
  EXPECT_EQ(speed_evidence(log_ratios, {.materiality = 0.03}).decision, Decision::inconclusive);
}

TEST(SpeedEvidence, TheSecondLookCountsAllBlocksAndIsTheLast) {
  const auto open = spread(12, std::log1p(0.01), 0.001);
  const SpeedEvidence extended = speed_evidence(joined(open, spread(12, 0.03, 0.0001)), {});
  EXPECT_EQ(extended.n, 24u);
  EXPECT_EQ(extended.decision, Decision::regressed);
  const SpeedEvidence still_open = speed_evidence(joined(open, open), {});
  EXPECT_EQ(still_open.n, 24u);
  EXPECT_EQ(still_open.decision, Decision::inconclusive);
  EXPECT_EQ(still_open.reason, SpeedReason::open_to_the_last_look);
  EXPECT_EQ(still_open.blocks_wanted, 0u);
  // A third dozen was not registered, and does not count.
  EXPECT_EQ(speed_evidence(joined(joined(open, open), spread(12, 0.05, 0.0001)), {}).decision, Decision::inconclusive);
}

TEST(SpeedEvidence, BlocksBetweenTheLooksCannotBePeekedAt) {
  const auto open = spread(12, std::log1p(0.01), 0.001);
  const SpeedEvidence between = speed_evidence(joined(open, spread(11, 0.05, 0.0001)), {});
  EXPECT_EQ(between.n, 12u);
  EXPECT_EQ(between.reason, SpeedReason::extension_wanted);
}

TEST(SpeedEvidence, LaterBlocksCannotUnmakeADecision) {
  const SpeedEvidence evidence = speed_evidence(joined(spread(12, 0, 0.001), spread(12, 0.1, 0.001)), {});
  EXPECT_EQ(evidence.decision, Decision::held);
  EXPECT_EQ(evidence.n, 12u);
}

TEST(SpeedEvidence, TooFewBlocksAreNeverAPass) {
  const SpeedEvidence eleven = speed_evidence(spread(11, -0.5, 0.0001), {});
  EXPECT_EQ(eleven.decision, Decision::inconclusive);
  EXPECT_EQ(eleven.reason, SpeedReason::too_few_blocks);
  EXPECT_EQ(eleven.blocks_wanted, 12u);
  EXPECT_TRUE(eleven.speedup_interval.has_value());  // shown, not judged
  EXPECT_FALSE(speed_evidence(spread(3, -0.5, 0.0001), {}).speedup_interval.has_value());
}

TEST(SpeedEvidence, ASingleLookHasTheWholeAlpha) {
  const DecisionPlan plan = single_look(6);
  const SpeedEvidence six = speed_evidence(spread(6, 0, 0.0005), plan);
  EXPECT_EQ(six.decision, Decision::held);
  EXPECT_EQ(six.speedup_interval->level, 0.95);
  EXPECT_EQ(speed_evidence(spread(6, std::log1p(0.01), 0.001), plan).reason, SpeedReason::open_to_the_last_look);
}

TEST(SpeedEvidence, PairsAreRatiosOfTimes) {
  std::vector<PairedTime> pairs;
  for (int i = 0; i < 12; ++i) pairs.push_back({.baseline_s = 3.0 + i, .candidate_s = (3.0 + i) / 1.5});
  const SpeedEvidence evidence = speed_evidence(pairs, {});
  EXPECT_NEAR(evidence.speedup, 1.5, 1e-12);
  EXPECT_NEAR(evidence.speedup_interval->low, 1.5, 1e-12);
  EXPECT_NEAR(log_time_ratios(pairs)[0], -std::log(1.5), 1e-12);
  EXPECT_THROW(log_time_ratios(std::vector<PairedTime>{{1, 0}}), CheckError);
  EXPECT_THROW(log_time_ratios(std::vector<PairedTime>{{std::numeric_limits<double>::infinity(), 1}}), CheckError);
}

TEST(SpeedEvidence, RefusesPlansThatCannotBeFollowed) {
  const auto log_ratios = spread(12, 0, 0.001);
  EXPECT_THROW(speed_evidence(std::vector<double>{}, DecisionPlan{}), CheckError);
  EXPECT_THROW(speed_evidence(log_ratios, {.materiality = -0.01}), CheckError);
  EXPECT_THROW(speed_evidence(log_ratios, {.first_blocks = 6}), CheckError);  // no interval of 97.5 % from six
  EXPECT_NO_THROW(speed_evidence(log_ratios, {.first_blocks = 7}));
  EXPECT_THROW(speed_evidence(log_ratios, single_look(5)), CheckError);
  EXPECT_THROW(speed_evidence(log_ratios, {.first_alpha = 0}), CheckError);
  EXPECT_THROW(speed_evidence(log_ratios, {.extended_blocks = 12}), CheckError);
  EXPECT_THROW(speed_evidence(log_ratios, {.extended_alpha = 1}), CheckError);
  EXPECT_THROW(speed_evidence(std::vector{0.1, std::numeric_limits<double>::quiet_NaN()}, {}), CheckError);
}

}  // namespace
}  // namespace wan::measure
