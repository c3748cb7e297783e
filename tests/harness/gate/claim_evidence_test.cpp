#include "harness/gate/claim_evidence.h"

#include <gtest/gtest.h>

#include "harness/gate/criterion.h"
#include "harness/gate/judge.h"
#include "tests/support/harness/records.h"

namespace wan::gate {
namespace {

using testing::candidate;
using testing::good_run;

plan::Claim claim(const std::string& figure, std::optional<double> low, std::optional<double> high) {
  return {.id = "x", .configuration = "fast", .text = "t", .source = "s", .figure = figure, .low = low, .high = high};
}

Criterion weigh(const store::RunRecord& run, const plan::Claim& one) {
  const auto verdicts = judge(run);
  return weigh_claims(run, verdicts, std::span(&one, 1)).front().measured;
}

TEST(ClaimEvidence, TheIntervalDecidesASpeedup) {
  store::RunRecord run = good_run();  // exactly twice as fast
  EXPECT_EQ(weigh(run, claim("speedup", 1.9, 2.5)).outcome, Outcome::held);
  EXPECT_EQ(weigh(run, claim("speedup", 2.1, 2.5)).outcome, Outcome::failed);
  const auto all = testing::visits(run, "fast");
  for (std::size_t i = 0; i < all.size(); ++i) all[i]->clip_s = {i % 2 == 0 ? 0.4 : 0.6};
  const Criterion wide = weigh(run, claim("speedup", 2.0, {}));
  EXPECT_EQ(wide.outcome, Outcome::inconclusive);
  EXPECT_LT(*wide.low, 2.0);
  EXPECT_GT(*wide.high, 2.0);
  EXPECT_EQ(wide.n, 6u);
}

TEST(ClaimEvidence, WhatIsNotMeasuredSaysWhy) {
  store::RunRecord run = good_run();
  EXPECT_EQ(reason_code(weigh(run, claim("seconds_per_step", {}, 1)).reason), "another_case");
  EXPECT_EQ(reason_code(weigh(run, claim("share", {}, 0.5)).reason), "not_measured");
  plan::Claim over = claim("speedup", 1.3, {});
  over.over = "bf16";
  EXPECT_EQ(reason_code(weigh(run, over).reason), "another_baseline");
  plan::Claim part = claim("speedup", 1.3, {});
  part.part = "attention";
  EXPECT_EQ(reason_code(weigh(run, part).reason), "not_timed");
  plan::Claim absent = claim("speedup", 1.3, {});
  absent.configuration = "gone";
  EXPECT_EQ(reason_code(weigh(run, absent).reason), "not_in_run");
  candidate(run).speed_claimable = "FP8 is emulated";
  const Criterion emulated = weigh(run, claim("speedup", 1.3, {}));
  EXPECT_EQ(emulated.outcome, Outcome::not_claimed);
  EXPECT_FALSE(emulated.value) << "a time that proves nothing is not sold as a figure";
}

TEST(ClaimEvidence, AbsoluteFiguresAreMeasuredOnTheRoadmapsOwnCase) {
  store::RunRecord run = good_run();
  run.environment.device_name = "NVIDIA H200";
  run.model_task = "t2v-A14B";
  run.shape = {.width = 1280, .height = 720, .frames = 81, .steps = 40};
  for (auto& cell : candidate(run).cells) {
    cell.stages.step_s = {13.0, 14.0, 15.0};
    cell.peak_bytes = 40LL << 30;
  }
  const Criterion step = weigh(run, claim("seconds_per_step", {}, 0.9));
  EXPECT_EQ(step.value, 14.0);
  EXPECT_EQ(step.outcome, Outcome::failed);
  EXPECT_EQ(weigh(run, claim("memory_gib", 35, 40)).outcome, Outcome::held);
  EXPECT_EQ(weigh(run, claim("memory_gib", {}, 39)).outcome, Outcome::failed);
  EXPECT_EQ(weigh(run, claim("seconds_per_clip", {}, 0.5)).outcome, Outcome::held);
  EXPECT_EQ(reason_code(weigh(run, claim("compile_seconds", {}, 30)).reason), "not_measured");
}

TEST(ClaimEvidence, WeightsAndSsim) {
  store::RunRecord run = good_run();
  testing::configuration(run, "bf16").weight_bytes = 200;
  candidate(run).weight_bytes = 104;
  plan::Claim weights = claim("share", {}, 0.5);
  weights.part = "weights";
  EXPECT_EQ(weigh(run, weights).value, 0.52);
  EXPECT_EQ(weigh(run, weights).outcome, Outcome::failed) << "an exact figure needs no interval";
  const Criterion ssim = weigh(run, claim("ssim", 0.96, {}));
  EXPECT_NEAR(*ssim.value, 0.97, 1e-12);
  EXPECT_EQ(ssim.outcome, Outcome::held);
}

}  // namespace
}  // namespace wan::gate
