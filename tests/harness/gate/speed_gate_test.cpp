#include "harness/gate/speed_gate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "harness/gate/criterion.h"
#include "tests/support/harness/records.h"

namespace wan::gate {
namespace {

using testing::candidate;
using testing::configuration;
using testing::good_run;
using testing::visits;

void set_times(store::RunRecord& run, const std::string& id, const std::vector<double>& seconds) {
  const auto all = visits(run, id);
  for (std::size_t i = 0; i < all.size(); ++i) all[i]->clip_s = {seconds[i % seconds.size()]};
}

// A run of `blocks` blocks in which the candidate is slower by `slowdown`, times noise of alternating sign.
store::RunRecord run_of(std::size_t blocks, double slowdown, double noise) {
  store::RunRecord run = good_run();
  run.visits.clear();
  for (std::size_t i = 0; i < blocks; ++i) {
    const double wobble = noise * (static_cast<double>(i % 6) - 2.5) / 2.5;
    run.visits.push_back({.configuration = "phase0", .block = static_cast<std::int64_t>(i), .clip_s = {1.0}});
    run.visits.push_back({.configuration = "fast", .block = static_cast<std::int64_t>(i), .clip_s = {(1 + slowdown) * std::exp(wobble)}});
  }
  return run;
}

TEST(SpeedGate, FasterIsHeldWithRatioAndCount) {
  store::RunRecord run = good_run();
  const GateResult result = judge_speed(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::held);
  ASSERT_EQ(result.criteria.size(), 1u);
  EXPECT_NEAR(*result.criteria[0].value, 2.0, 1e-12);
  EXPECT_EQ(result.criteria[0].n, 6u);
  EXPECT_EQ(reason_code(result.criteria[0].reason), "faster");
}

TEST(SpeedGate, TimedStepsDecideByTheLoopThatTheyPredict) {
  store::RunRecord run = good_run();
  testing::visit_by_steps(run);
  for (auto& cell : candidate(run).cells) cell.elapsed_s = 99;  // whole clips are for quality
  const GateResult result = judge_speed(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::held);
  EXPECT_NEAR(*result.criteria[0].value, 2.0, 1e-12);
  EXPECT_EQ(result.criteria[0].reason.find("faster: denoising loop predicted from 3 denoising steps of each expert, materiality"), 0u)
      << result.criteria[0].reason;
  candidate(run).configuration.claim = 1.5;
  EXPECT_EQ(judge_speed(run, candidate(run)).criteria[1].reason,
            "within_bound: denoising loop predicted from 3 denoising steps of each expert");
  // Each expert counts as often as a clip has steps of it.
  for (auto* visit : visits(run, "fast")) visit->steps->high_noise_step_s = {0.2};
  EXPECT_NEAR(*judge_speed(run, candidate(run)).criteria[0].value, 1.0 / (6 * 0.2 + 4 * 0.05), 1e-12);
  visits(run, "fast")[2]->steps->low_noise_step_s.clear();
  EXPECT_EQ(judge_speed(run, candidate(run)).criteria[0].n, 5u) << "half of a loop is none";
}

TEST(SpeedGate, SlowerBeyondMaterialityIsRejected) {
  store::RunRecord run = good_run();
  set_times(run, "fast", {1.011});
  EXPECT_EQ(judge_speed(run, candidate(run)).outcome, Outcome::rejected);
  set_times(run, "fast", {1.009});
  const GateResult result = judge_speed(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::held);
  EXPECT_EQ(reason_code(result.criteria[0].reason), "equal");
  candidate(run).configuration.thresholds.materiality = 0.005;
  EXPECT_EQ(judge_speed(run, candidate(run)).outcome, Outcome::rejected);
}

TEST(SpeedGate, TheIntervalDecidesAndNoiseWidensTheMateriality) {
  store::RunRecord equal = run_of(12, 0.0, 0.02);
  const GateResult held = judge_speed(equal, candidate(equal));
  EXPECT_EQ(held.outcome, Outcome::held) << held.reason;
  const Criterion& speedup = held.criteria[0];
  EXPECT_LT(*speedup.low, 1.0);
  EXPECT_GT(*speedup.high, 1.0);
  const double half_width = std::log(*speedup.high / *speedup.low) / 2;
  EXPECT_NEAR(*speedup.bound, std::exp(-2 * half_width), 1e-12);
  EXPECT_NE(speedup.reason.find("(asked 1.00 %, widened by noise)"), std::string::npos) << speedup.reason;
  store::RunRecord hidden = run_of(12, 0.015, 0.02);
  EXPECT_EQ(judge_speed(hidden, candidate(hidden)).outcome, Outcome::inconclusive);
  store::RunRecord slower = run_of(12, 0.05, 0.02);
  EXPECT_EQ(judge_speed(slower, candidate(slower)).outcome, Outcome::rejected);
  store::RunRecord faster = run_of(12, -0.10, 0.02);
  EXPECT_EQ(reason_code(judge_speed(faster, candidate(faster)).criteria[0].reason), "faster");
  store::RunRecord quiet = run_of(12, 0.0, 0.002);
  EXPECT_EQ(judge_speed(quiet, candidate(quiet)).criteria[0].reason.find("widened"), std::string::npos);
}

store::RunRecord extended(std::size_t planned, std::size_t made, double slowdown, double noise) {
  store::RunRecord run = run_of(made, slowdown, noise);
  run.blocks = static_cast<std::int64_t>(planned);
  run.extension = {.blocks = run.blocks, .decided = made > planned};
  if (made > planned) run.extension.configurations = {"fast"};
  return run;
}

TEST(SpeedGate, ARegisteredExtensionHasTwoLooksOfHalfTheErrorEach) {
  store::RunRecord open = extended(12, 12, 0.012, 0.01);
  GateResult result = judge_speed(open, candidate(open));
  EXPECT_EQ(result.outcome, Outcome::inconclusive);
  EXPECT_NE(result.reason.find("interval of 97.5 %; its extension is still to come"), std::string::npos) << result.reason;
  open.extension = {.blocks = 12, .decided = true, .configurations = {"fast"}, .unused = "over_budget: too long"};
  EXPECT_NE(judge_speed(open, candidate(open)).reason.find("; not extended, over_budget: too long"), std::string::npos);
  store::RunRecord both = extended(12, 24, 0.012, 0.01);
  result = judge_speed(both, candidate(both));
  EXPECT_EQ(result.criteria[0].n, 24U);
  EXPECT_NE(result.reason.find("open to the last look"), std::string::npos) << result.reason;
  const double of_first = *judge_speed(open, candidate(open)).criteria[0].high, of_both = *result.criteria[0].high;
  EXPECT_LT(of_both, of_first) << "more blocks, a narrower interval";
  both.visits.pop_back();
  EXPECT_EQ(judge_speed(both, candidate(both)).criteria[0].n, 12U) << "half an extension is no look";
  EXPECT_NE(judge_speed(both, candidate(both)).reason.find("unfinished"), std::string::npos);
}

TEST(SpeedGate, WhatTheFirstLookDecidedIsNotUnmadeByLaterBlocks) {
  store::RunRecord run = extended(12, 24, 0.0, 0.001);
  for (auto& visit : run.visits)
    if (visit.configuration == "fast" && visit.block >= 12) visit.clip_s = {1.5};
  const GateResult held = judge_speed(run, candidate(run));
  EXPECT_EQ(held.outcome, Outcome::held) << held.reason;
  EXPECT_EQ(held.criteria[0].n, 12U);
  // The slow-down is decided by the first look, the bound by the second.
  candidate(run).configuration.thresholds.min_speedup = 1.0;
  const GateResult bound = judge_speed(run, candidate(run));
  ASSERT_EQ(bound.criteria.size(), 2U);
  EXPECT_EQ(bound.criteria[0].outcome, Outcome::held);
  EXPECT_EQ(bound.criteria[1].n, 24U);
}

TEST(SpeedGate, AnExtensionNeedsSevenBlocksAtEitherLook) {
  store::RunRecord run = extended(7, 7, 0.0, 0.0);
  EXPECT_EQ(judge_speed(run, candidate(run)).outcome, Outcome::held);
  visits(run, "fast")[2]->void_reason = "oom: x";
  const GateResult few = judge_speed(run, candidate(run));
  EXPECT_EQ(few.outcome, Outcome::inconclusive);
  EXPECT_EQ(few.reason.substr(0, 31), "too_few_blocks: 6 of at least 7") << few.reason;
  run = extended(7, 14, 0.0, 0.0);
  visits(run, "fast")[2]->void_reason = "oom: x";
  EXPECT_EQ(judge_speed(run, candidate(run)).criteria[0].n, 13U);
}

// A clock is judged by the median of its configuration; blocks that came later must not change which of the first count.
TEST(SpeedGate, LaterBlocksVoidNoneOfTheFirstLook) {
  store::RunRecord run = extended(12, 24, 0.0, 0.001);
  for (auto& visit : run.visits) {
    machine::GpuCovariates gpu{.samples = 10};
    gpu.mean_sm_clock_hz = visit.block < 11 ? 1.6e9 : 1.8e9;
    visit.covariates = machine::Covariates{.gpu = gpu};
  }
  const GateResult result = judge_speed(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::held);
  EXPECT_EQ(result.criteria[0].n, 11U) << "one of the first twelve differs from the others";
}

TEST(SpeedGate, AVisitCountsWithItsMedian) {
  store::RunRecord run = good_run();
  for (auto* visit : visits(run, "fast")) visit->clip_s = {0.5, 9.0, 0.5};
  EXPECT_NEAR(*judge_speed(run, candidate(run)).criteria[0].value, 2.0, 1e-12);
}

TEST(SpeedGate, VoidVisitsTakeTheirBlockAway) {
  store::RunRecord run = run_of(7, 0.0, 0.0);
  visits(run, "phase0")[2]->void_reason = "foreign_process: 40 % of the cores";
  const GateResult six = judge_speed(run, candidate(run));
  EXPECT_EQ(six.outcome, Outcome::held);
  EXPECT_EQ(six.criteria[0].n, 6U);
  EXPECT_NE(six.criteria[0].reason.find("1 blocks void, block 3: foreign_process"), std::string::npos) << six.criteria[0].reason;
  visits(run, "fast")[4]->void_reason = "oom: x";
  const GateResult five = judge_speed(run, candidate(run));
  EXPECT_EQ(five.outcome, Outcome::inconclusive);
  EXPECT_EQ(five.reason.substr(0, 46), "too_few_blocks: 5 of at least 6, so there is n");
  run = run_of(7, 0.0, 0.0);
  visits(run, "phase0")[3]->covariates = machine::Covariates{.suspended_s = 4};
  EXPECT_NE(judge_speed(run, candidate(run)).criteria[0].reason.find("block 4: suspended: the machine slept for 4.0 s at phase0"),
            std::string::npos);
  for (auto* visit : visits(run, "fast")) visit->void_reason = "oom: x";
  EXPECT_EQ(reason_code(judge_speed(run, candidate(run)).reason), "no_valid_block");
}

TEST(SpeedGate, ClaimAndRequiredSpeedUpMustBeReached) {
  store::RunRecord run = good_run();
  candidate(run).configuration.claim = 1.9;
  candidate(run).configuration.thresholds.min_speedup = 2.5;
  const GateResult result = judge_speed(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::failed);
  ASSERT_EQ(result.criteria.size(), 3u);
  EXPECT_EQ(result.criteria[1].outcome, Outcome::held);
  EXPECT_EQ(result.criteria[2].name, "min_speedup");
  EXPECT_NEAR(*result.criteria[2].margin, -0.5, 1e-12);
  candidate(run).configuration.thresholds.min_speedup = 1.99;
  EXPECT_EQ(judge_speed(run, candidate(run)).outcome, Outcome::held);
  candidate(run).configuration.claim = 2.1;
  EXPECT_EQ(judge_speed(run, candidate(run)).outcome, Outcome::failed);
  store::RunRecord noisy = run_of(12, -0.5, 0.02);
  candidate(noisy).configuration.claim = 2.0;
  const GateResult open = judge_speed(noisy, candidate(noisy));
  EXPECT_EQ(open.outcome, Outcome::inconclusive) << "the interval holds the claim";
  candidate(noisy).configuration.claim = 1.9;
  EXPECT_EQ(judge_speed(noisy, candidate(noisy)).outcome, Outcome::held);
}

TEST(SpeedGate, NotClaimedWithoutClaimOrWhereTheDeviceCannotShowIt) {
  store::RunRecord run = good_run();
  candidate(run).configuration.benefit = plan::Benefit::memory;
  GateResult result = judge_speed(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::not_claimed);
  EXPECT_NEAR(*result.criteria[0].value, 2.0, 1e-12) << "the ratio is shown all the same";
  EXPECT_NE(result.reason.find("memory"), std::string::npos);
  run = good_run();
  candidate(run).speed_claimable = "the CPU emulates float8";
  result = judge_speed(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::not_claimed);
  EXPECT_EQ(result.reason, "not_claimable: the CPU emulates float8");
  run = good_run();
  candidate(run).configuration.speed_baseline = "fast";
  EXPECT_EQ(reason_code(judge_speed(run, candidate(run)).reason), "is_baseline");
}

TEST(SpeedGate, BaselineAbsentIsInvalid) {
  store::RunRecord run = good_run();
  candidate(run).configuration.speed_baseline = "phase9";
  const GateResult result = judge_speed(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::invalid);
  EXPECT_EQ(result.reason, "no_baseline: phase9 is not part of this run");
}

TEST(SpeedGate, NoPairsIsInvalidAndClipsToComeInconclusive) {
  store::RunRecord run = good_run();
  std::erase_if(run.visits, [](const auto& visit) { return visit.configuration == "fast"; });
  EXPECT_EQ(reason_code(judge_speed(run, candidate(run)).reason), "no_pairs");
  for (auto& cell : candidate(run).cells) cell.status = store::CellStatus::interrupted;
  EXPECT_EQ(reason_code(judge_speed(run, candidate(run)).reason), "incomplete");
}

}  // namespace
}  // namespace wan::gate
