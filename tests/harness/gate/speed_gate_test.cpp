#include "harness/gate/speed_gate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "harness/gate/criterion.h"
#include "tests/support/harness/records.h"

namespace wan::gate {
namespace {

using testing::candidate;
using testing::configuration;
using testing::good_run;

void set_times(store::ConfigurationRecord& record, double elapsed_s) {
  for (auto& cell : record.cells) cell.elapsed_s = elapsed_s;
}

// Log ratios spread so that the standard error of their mean is `noise` (six pairs: quartiles at -s and s around the centre).
void set_noisy_times(store::RunRecord& run, double slowdown, double noise) {
  const double s = noise * std::sqrt(6.0) * 1.3489795003921634 / 2;
  // Sorted offsets -2s, -a, -b, b, a, 2s; the quartiles lie at positions 1.25 and 3.75 of them, so 0.75 a + 0.25 b = s with b = s / 2.
  const double b = s / 2, a = (s - 0.25 * b) / 0.75;
  const double offsets[] = {-2 * s, -a, -b, b, a, 2 * s};
  for (std::size_t i = 0; i < 6; ++i) {
    configuration(run, "phase0").cells[i].elapsed_s = 1.0;
    candidate(run).cells[i].elapsed_s = (1 + slowdown) * std::exp(offsets[i]);
  }
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

TEST(SpeedGate, SlowerBeyondMaterialityIsRejected) {
  store::RunRecord run = good_run();
  set_times(candidate(run), 1.011);
  EXPECT_EQ(judge_speed(run, candidate(run)).outcome, Outcome::rejected);
  set_times(candidate(run), 1.009);
  const GateResult result = judge_speed(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::held);
  EXPECT_EQ(reason_code(result.criteria[0].reason), "equal");
  candidate(run).configuration.thresholds.materiality = 0.005;
  EXPECT_EQ(judge_speed(run, candidate(run)).outcome, Outcome::rejected);
}

TEST(SpeedGate, NoiseWidensTheMaterialityAndWhatItHidesIsInconclusive) {
  store::RunRecord run = good_run();
  set_noisy_times(run, 0.04, 0.02);  // 4 % slower, six per cent is what noise reaches
  const GateResult hidden = judge_speed(run, candidate(run));
  EXPECT_EQ(hidden.outcome, Outcome::inconclusive) << hidden.reason;
  EXPECT_NE(hidden.criteria[0].reason.find("materiality 6.00 %, noise 2.00 %"), std::string::npos) << hidden.criteria[0].reason;
  set_noisy_times(run, 0.07, 0.02);
  EXPECT_EQ(judge_speed(run, candidate(run)).outcome, Outcome::rejected);
  set_noisy_times(run, 0.0, 0.02);
  EXPECT_EQ(judge_speed(run, candidate(run)).outcome, Outcome::held);
  set_noisy_times(run, -0.10, 0.02);
  EXPECT_EQ(reason_code(judge_speed(run, candidate(run)).criteria[0].reason), "faster");
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

TEST(SpeedGate, TimesOfAnotherVisitDoNotCount) {
  store::RunRecord run = good_run();
  for (auto& cell : candidate(run).cells) cell.timed = false;
  const GateResult result = judge_speed(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::inconclusive);
  EXPECT_EQ(reason_code(result.reason), "no_times");
  run = good_run();
  for (std::size_t i = 0; i < 2; ++i) configuration(run, "phase0").cells[i].timed = false;
  EXPECT_EQ(reason_code(judge_speed(run, candidate(run)).reason), "too_few_pairs") << "four pairs are left";
}

TEST(SpeedGate, NoPairsIsInvalidAndClipsToComeInconclusive) {
  store::RunRecord run = good_run();
  for (auto& cell : candidate(run).cells) testing::fail(cell, "crash: x");
  EXPECT_EQ(reason_code(judge_speed(run, candidate(run)).reason), "no_pairs");
  for (auto& cell : candidate(run).cells) cell.status = store::CellStatus::interrupted;
  EXPECT_EQ(reason_code(judge_speed(run, candidate(run)).reason), "incomplete");
}

}  // namespace
}  // namespace wan::gate
