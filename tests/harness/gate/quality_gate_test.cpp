#include "harness/gate/quality_gate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "harness/gate/criterion.h"
#include "harness/gate/noise_floor.h"
#include "tests/support/harness/records.h"

namespace wan::gate {
namespace {

using testing::candidate;
using testing::configuration;
using testing::good_run;
using testing::score;
using testing::set_score;

// By value: most callers give a result that goes at once.
Criterion criterion(const GateResult& result, const std::string& name) {
  for (const auto& one : result.criteria)
    if (one.name == name) return one;
  ADD_FAILURE() << "no criterion " << name;
  return {.name = "absent"};
}

TEST(RoadmapGate, HoldsWithValuesBoundsAndMargins) {
  store::RunRecord run = good_run();
  const GateResult result = judge_roadmap(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::held) << result.reason;
  const Criterion ssim = criterion(result, "ssim.ipol");
  EXPECT_EQ(ssim.reason, "within_bound");
  EXPECT_NEAR(*ssim.value, 0.97, 1e-12);
  EXPECT_DOUBLE_EQ(*ssim.bound, 0.95);
  EXPECT_NEAR(*ssim.margin, 0.02, 1e-12);
  EXPECT_EQ(ssim.n, 6u);
  EXPECT_NEAR(*criterion(result, "lpips.alex").margin, 0.02, 1e-12);  // the good side is below
  EXPECT_NEAR(*criterion(result, "psnr.pooled").margin, 3, 1e-9);
  EXPECT_NE(result.reason.find("ssim.ipol"), std::string::npos)
      << "the tightest criterion, relative to its bound, is SSIM: " << result.reason;
}

TEST(RoadmapGate, BoundsAreStrict) {
  // Quarters, so that the mean of six equal values is exactly that value.
  store::RunRecord at_bound = good_run();
  candidate(at_bound).configuration.thresholds = {.min_ssim = 0.75, .max_lpips = 0.25, .reject_ssim = 0.5};
  set_score(candidate(at_bound), "ssim.ipol", 0.75);
  set_score(candidate(at_bound), "lpips.alex", 0.25);
  const GateResult both = judge_roadmap(at_bound, candidate(at_bound));
  EXPECT_EQ(both.outcome, Outcome::failed);
  EXPECT_EQ(criterion(both, "ssim.ipol").outcome, Outcome::failed);
  EXPECT_EQ(criterion(both, "lpips.alex").outcome, Outcome::failed);
  store::RunRecord run = good_run();
  set_score(candidate(run), "psnr.pooled", 29.99);
  EXPECT_EQ(judge_roadmap(run, candidate(run)).outcome, Outcome::failed);
  EXPECT_EQ(criterion(judge_roadmap(run, candidate(run)), "psnr.pooled").reason, "below_bound");
}

TEST(RoadmapGate, ReasonNamesTheFailingFigure) {
  store::RunRecord run = good_run();
  set_score(candidate(run), "lpips.alex", 0.0731);
  EXPECT_EQ(judge_roadmap(run, candidate(run)).reason, "lpips.alex 0.0731 [0.0731, 0.0731] (n = 6) is not below 0.05");
}

TEST(RoadmapGate, PromptsThatDifferTooMuchDecideNothingAndOneBadPromptIsNotHidden) {
  store::RunRecord run = good_run();
  auto& cells = candidate(run).cells;
  for (std::size_t i = 0; i < cells.size(); ++i) score(cells[i], "lpips.alex").pooled.mean = i % 2 == 0 ? 0.01 : 0.085;
  const Criterion open = criterion(judge_roadmap(run, candidate(run)), "lpips.alex");
  EXPECT_EQ(open.outcome, Outcome::inconclusive);
  EXPECT_LT(*open.low, 0.05);
  EXPECT_GT(*open.high, 0.05);
  for (std::size_t i = 0; i < cells.size(); ++i) score(cells[i], "lpips.alex").pooled.mean = i == 0 ? 0.3 : 0.0101;
  const Criterion carried = criterion(judge_roadmap(run, candidate(run)), "lpips.alex");
  EXPECT_NE(carried.outcome, Outcome::held) << "the mean is 0.058";
}

TEST(RoadmapGate, SeedsOfAPromptAreOneValue) {
  store::RunRecord run = good_run();
  auto& cells = candidate(run).cells;
  cells.resize(1);
  for (std::uint64_t seed = 43; seed < 60; ++seed) cells.push_back(cells.front()), cells.back().seed = seed;
  const Criterion ssim = criterion(judge_roadmap(run, candidate(run)), "ssim.ipol");
  EXPECT_EQ(ssim.outcome, Outcome::inconclusive) << ssim.reason;
  EXPECT_EQ(reason_code(ssim.reason), "too_few_prompts");
}

TEST(RoadmapGate, RejectsLowSsim) {
  store::RunRecord run = good_run();
  set_score(candidate(run), "ssim.ipol", 0.90);
  EXPECT_EQ(judge_roadmap(run, candidate(run)).outcome, Outcome::failed) << "rejected only below the bound";
  set_score(candidate(run), "ssim.ipol", 0.8999);
  EXPECT_EQ(judge_roadmap(run, candidate(run)).outcome, Outcome::rejected);
}

TEST(RoadmapGate, RejectsCrashMemoryAndNonfiniteEvenIfScoresHold) {
  for (const char* reason : {"crash: signal 11", "oom: 80 GiB asked", "nan: latents"}) {
    store::RunRecord run = good_run();
    testing::fail(candidate(run).cells[2], reason);
    const GateResult result = judge_roadmap(run, candidate(run));
    EXPECT_EQ(result.outcome, Outcome::rejected) << reason;
  }
  store::RunRecord run = good_run();
  candidate(run).cells[0].nonfinite = 3;
  EXPECT_EQ(criterion(judge_roadmap(run, candidate(run)), "nonfinite_clips").outcome, Outcome::rejected);
  run = good_run();
  candidate(run).cells[0].scores.artifacts.push_back({.detector = "nonfinite", .fired = true});
  EXPECT_EQ(criterion(judge_roadmap(run, candidate(run)), "nonfinite_clips").outcome, Outcome::rejected);
}

TEST(RoadmapGate, CrashReasonNamesPromptAndSeed) {
  store::RunRecord run = good_run();
  testing::fail(candidate(run).cells[2], "crash: signal 11");
  EXPECT_EQ(judge_roadmap(run, candidate(run)).reason, "crashes 1 (n = 6), bound 0: crash: prompt p3, seed 42: crash: signal 11");
}

TEST(RoadmapGate, ArtifactsAreRejectedAboveTheShareOnly) {
  store::RunRecord run = good_run();
  auto& cells = candidate(run).cells;
  for (int i = 7; i <= 10; ++i) cells.push_back(testing::scored_cell("fast", "p" + std::to_string(i), {}));
  cells[0].scores.artifacts[0].fired = true;  // 1 of 10: the bound itself
  EXPECT_EQ(criterion(judge_roadmap(run, candidate(run)), "artifact_share").outcome, Outcome::held);
  cells[1].scores.artifacts[1].fired = true;
  const GateResult result = judge_roadmap(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::rejected);
  EXPECT_DOUBLE_EQ(*criterion(result, "artifact_share").value, 0.2);
}

TEST(RoadmapGate, PsnrIsPooledOverTheMeanSquaredErrorOfTheSuite) {
  store::RunRecord run = good_run();
  auto& cells = candidate(run).cells;
  for (auto& cell : cells) score(cell, "psnr.pooled").pooled.mean = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(std::isinf(*criterion(judge_roadmap(run, candidate(run)), "psnr.pooled").value)) << "all clips identical";
  score(cells[0], "psnr.pooled").pooled.mean = 20;
  // One clip of six at 20 dB: mean error a sixth of 1e-2, so 20 + 10 log10(6) dB. The mean of decibels would be infinite.
  const Criterion psnr = criterion(judge_roadmap(run, candidate(run)), "psnr.pooled");
  EXPECT_NEAR(*psnr.value, 20 + 10 * std::log10(6.0), 1e-9);
  EXPECT_EQ(psnr.outcome, Outcome::failed);
}

TEST(RoadmapGate, MetricThatThisRunDidNotComputeIsNotMeasured) {
  store::RunRecord run = good_run();
  for (auto& cell : candidate(run).cells) std::erase_if(cell.scores.scores, [](const auto& one) { return one.metric == "lpips.alex"; });
  const GateResult result = judge_roadmap(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::not_measured);
  EXPECT_EQ(reason_code(criterion(result, "lpips.alex").reason), "not_in_run");
}

TEST(RoadmapGate, ScoreWithErrorIsInvalidAndNamesIt) {
  store::RunRecord run = good_run();
  score(candidate(run).cells[1], "lpips.alex").error = "no weights in data";
  const GateResult result = judge_roadmap(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::invalid);
  EXPECT_NE(result.reason.find("no weights in data"), std::string::npos);
  run = good_run();
  score(candidate(run).cells[1], "ssim.ipol").pooled.mean = std::nan("");
  EXPECT_EQ(judge_roadmap(run, candidate(run)).outcome, Outcome::invalid) << "NaN is no number";
}

TEST(RoadmapGate, FailureOutweighsMissingData) {
  store::RunRecord run = good_run();
  score(candidate(run).cells[1], "lpips.alex").error = "no weights";
  set_score(candidate(run), "ssim.ipol", 0.93);
  EXPECT_EQ(judge_roadmap(run, candidate(run)).outcome, Outcome::failed);
}

TEST(RoadmapGate, NoDetectorLookedIsNotMeasured) {
  store::RunRecord run = good_run();
  for (auto& cell : candidate(run).cells) cell.scores.artifacts.clear();
  EXPECT_EQ(judge_roadmap(run, candidate(run)).outcome, Outcome::not_measured);
}

TEST(RoadmapGate, ClipsToComeAreInconclusiveAndUnusableOnesInvalid) {
  store::RunRecord run = good_run();
  testing::fail(candidate(run).cells[5], "cancelled: by a person");
  candidate(run).cells[5].status = store::CellStatus::interrupted;
  set_score(run.configurations[2], "ssim.ipol", 0.93);
  EXPECT_EQ(judge_roadmap(run, candidate(run)).outcome, Outcome::inconclusive);
  for (std::size_t i = 0; i < 5; ++i) score(candidate(run).cells[i], "ssim.ipol").pooled.mean = 0.5;
  EXPECT_EQ(judge_roadmap(run, candidate(run)).outcome, Outcome::inconclusive) << "part of a suite decides nothing";
  run = good_run();
  testing::fail(candidate(run).cells[5], "usage: the prompt file is gone");
  EXPECT_EQ(judge_roadmap(run, candidate(run)).outcome, Outcome::invalid);
  run = good_run();
  candidate(run).cells[0].nonfinite = 1;
  candidate(run).cells[5].status = store::CellStatus::interrupted;
  EXPECT_EQ(judge_roadmap(run, candidate(run)).outcome, Outcome::rejected) << "a rejection stands whatever is to come";
}

TEST(RoadmapGate, BaselineAbsentOrBroken) {
  store::RunRecord run = good_run();
  run.configurations.erase(run.configurations.begin());
  EXPECT_EQ(reason_code(criterion(judge_roadmap(run, candidate(run)), "baseline").reason), "no_baseline");
  run = good_run();
  configuration(run, "bf16").cells[0].nonfinite = 1;
  EXPECT_EQ(reason_code(criterion(judge_roadmap(run, candidate(run)), "baseline").reason), "baseline_nonfinite");
  run = good_run();
  candidate(run).cells[0].scores = {};
  EXPECT_EQ(reason_code(criterion(judge_roadmap(run, candidate(run)), "ssim.ipol").reason), "no_reference");
  for (auto& cell : candidate(run).cells) cell.scores = {};
  EXPECT_EQ(judge_roadmap(run, candidate(run)).outcome, Outcome::invalid);
}

TEST(RoadmapGate, ExactOptimisationMustGiveEqualClips) {
  store::RunRecord run = good_run();
  candidate(run).kind = OptimizationClass::exact;
  EXPECT_EQ(judge_roadmap(run, candidate(run)).outcome, Outcome::failed);
  for (auto& cell : candidate(run).cells) cell.clip_hash = "hash of bf16 " + cell.prompt;
  const GateResult result = judge_roadmap(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::held);
  EXPECT_DOUBLE_EQ(*criterion(result, "bit_equal_share").value, 1);
  candidate(run).cells[0].clip_hash = "another";
  candidate(run).configuration.guidance = 1.0;
  EXPECT_EQ(judge_roadmap(run, candidate(run)).outcome, Outcome::held) << "another guidance is another clip";
}

TEST(CalibratedGate, ComparesWithTheNoiseFloorOnTheSameClips) {
  store::RunRecord run = good_run();
  const GateResult result = judge_calibrated(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::held) << result.reason;
  EXPECT_NEAR(*criterion(result, "lpips.alex").bound, 1.15 * 0.04, 1e-12);
  EXPECT_NEAR(*criterion(result, "1-ssim.ipol").value, 0.03, 1e-12);
  EXPECT_NEAR(*criterion(result, "1-ssim.ipol").bound, 1.15 * 0.04, 1e-12);
  EXPECT_NEAR(*criterion(result, "mse").bound, 46, 1e-9);
  EXPECT_EQ(criterion(result, "teacher_forced.relative_l2").outcome, Outcome::not_measured);
}

TEST(CalibratedGate, FloorOfAnotherPromptDoesNotCount) {
  store::RunRecord run = good_run();
  auto& twin = configuration(run, "bf16_twin");
  twin.cells.push_back(testing::scored_cell("bf16_twin", "p7", {.lpips = 100}));
  EXPECT_NEAR(*criterion(judge_calibrated(run, candidate(run)), "lpips.alex").bound, 1.15 * 0.04, 1e-12);
}

TEST(CalibratedGate, BoundIsInclusiveAndEachDistanceDecides) {
  for (const auto& [metric, good, bad] : {std::tuple{"lpips.alex", 0.0459, 0.0461}, {"ssim.ipol", 0.9541, 0.9539}, {"mse", 45.9, 46.1}}) {
    store::RunRecord run = good_run();
    set_score(candidate(run), metric, good);
    EXPECT_EQ(judge_calibrated(run, candidate(run)).outcome, Outcome::held) << metric;
    set_score(candidate(run), metric, bad);
    const GateResult result = judge_calibrated(run, candidate(run));
    EXPECT_EQ(result.outcome, Outcome::failed) << metric;
    EXPECT_NE(result.reason.find("exceeds"), std::string::npos) << result.reason;
  }
}

TEST(CalibratedGate, FloorOfZeroWantsIdenticalClips) {
  store::RunRecord run = good_run();
  auto& twin = configuration(run, "bf16_twin");
  set_score(twin, "lpips.alex", 0);
  set_score(twin, "ssim.ipol", 1);
  set_score(twin, "mse", 0);
  GateResult result = judge_calibrated(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::failed);
  EXPECT_NE(result.reason.find("the noise floor is zero"), std::string::npos) << result.reason;
  set_score(candidate(run), "lpips.alex", 0);
  set_score(candidate(run), "ssim.ipol", 1);
  set_score(candidate(run), "mse", 0);
  EXPECT_EQ(judge_calibrated(run, candidate(run)).outcome, Outcome::held);
}

TEST(CalibratedGate, DetectorsMustBeClean) {
  store::RunRecord run = good_run();
  candidate(run).cells[0].scores.artifacts[0].fired = true;
  EXPECT_EQ(judge_calibrated(run, candidate(run)).outcome, Outcome::failed);
}

TEST(CalibratedGate, FloorAbsentIncompleteOrToCome) {
  store::RunRecord run = good_run();
  auto& twin = configuration(run, "bf16_twin");
  testing::fail(twin.cells[0], "usage: gone");
  GateResult result = judge_calibrated(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::invalid);
  EXPECT_EQ(reason_code(criterion(result, "mse").reason), "no_noise_floor");
  twin.cells[0].status = store::CellStatus::interrupted;
  EXPECT_EQ(judge_calibrated(run, candidate(run)).outcome, Outcome::inconclusive);
  run.configurations.erase(run.configurations.begin() + 1);
  result = judge_calibrated(run, candidate(run));
  EXPECT_EQ(result.outcome, Outcome::invalid);
  EXPECT_TRUE(criterion(result, "mse").value.has_value()) << "the figure is shown all the same";
}

// The worst step of the worst clip decides, not the mean.
TEST(CalibratedGate, JudgesTheTeacherForcedErrorOfTheWorstStep) {
  store::RunRecord run = good_run();
  const auto add = [&](std::size_t cell, double mean, double max) {
    candidate(run).cells[cell].scores.scores.push_back({.metric = "teacher_forced.relative_l2", .pooled = {.mean = mean, .max = max}});
  };
  add(0, 0.01, 0.02);
  add(1, 0.01, 0.04);
  const auto judged = [&] { return criterion(judge_calibrated(run, candidate(run)), "teacher_forced.relative_l2"); };
  EXPECT_EQ(judged().outcome, Outcome::not_measured) << "no bound: shown and not judged";
  EXPECT_DOUBLE_EQ(*judged().value, 0.04);
  EXPECT_EQ(judge_calibrated(run, candidate(run)).outcome, Outcome::held);
  candidate(run).configuration.thresholds.teacher_forced_max = 0.05;
  EXPECT_EQ(judged().outcome, Outcome::held);
  EXPECT_EQ(judged().n, 2U);
  candidate(run).configuration.thresholds.teacher_forced_max = 0.03;
  EXPECT_EQ(judged().outcome, Outcome::failed);
  EXPECT_NEAR(*judged().margin, -0.01, 1e-12);
  candidate(run).cells[0].scores.scores.back().error = "no such file";
  EXPECT_EQ(judged().outcome, Outcome::invalid);
}

TEST(CalibratedGate, BoundOnTeacherForcedErrorIsNotPassedUnmeasured) {
  store::RunRecord run = good_run();
  candidate(run).configuration.thresholds.teacher_forced_max = 0.01;
  EXPECT_EQ(judge_calibrated(run, candidate(run)).outcome, Outcome::not_measured);
}

// ---- a promoted floor

store::RunRecord with_promoted_floor(const char* weights) {
  store::RunRecord run = good_run();
  run.weights_hash = "weights";
  run.floor_source = "nvidia_h200.json";
  store::PromotedFloor floor{.configuration = "bf16_twin", .nights = 3, .date = "2026-01-03T00:00:00Z", .weights_hash = weights};
  floor.distances = floor_distances({&configuration(run, "bf16_twin")});
  run.promoted_floors = {floor};
  return run;
}

TEST(PromotedFloor, OfTheRunsOwnFiguresGivesTheSameVerdictAndSaysWhose) {
  store::RunRecord own = good_run(), run = with_promoted_floor("weights");
  const GateResult before = judge_calibrated(own, candidate(own));
  const GateResult after = judge_calibrated(run, candidate(run));
  ASSERT_EQ(before.criteria.size(), after.criteria.size());
  EXPECT_EQ(after.outcome, before.outcome);
  for (std::size_t i = 0; i < after.criteria.size(); ++i) {
    ASSERT_EQ(after.criteria[i].bound.has_value(), before.criteria[i].bound.has_value()) << after.criteria[i].name;
    EXPECT_NEAR(after.criteria[i].bound.value_or(0), before.criteria[i].bound.value_or(0), 1e-12);
  }
  EXPECT_EQ(criterion(after, "lpips.alex").reason,
            "within_bound: against the floor of nvidia_h200.json (6 prompts, 3 nights to 2026-01-03T00:00:00Z)");
}

TEST(PromotedFloor, IsUsedInPlaceOfTheRunsOwn) {
  store::RunRecord run = with_promoted_floor("weights");
  for (auto& distance : run.promoted_floors[0].distances)
    for (auto& prompt : distance.prompts) prompt.log_distance -= std::log(2.0);
  EXPECT_EQ(judge_calibrated(run, candidate(run)).outcome, Outcome::failed) << "half of the run's own";
  run = with_promoted_floor("weights");
  std::erase_if(run.configurations, [](const auto& record) { return record.configuration.id == "bf16_twin"; });
  EXPECT_EQ(judge_calibrated(run, candidate(run)).outcome, Outcome::held) << "the run need not have one";
}

TEST(PromotedFloor, OfOtherWeightsIsRefusedAndOneThatLacksAPromptIsLeftAside) {
  store::RunRecord run = with_promoted_floor("others");
  const GateResult refused = judge_calibrated(run, candidate(run));
  EXPECT_EQ(refused.outcome, Outcome::invalid);
  EXPECT_NE(refused.reason.find("no_noise_floor: that of nvidia_h200.json is of other weights"), std::string::npos) << refused.reason;
  run = with_promoted_floor("weights");
  run.promoted_floors[0].distances[1].prompts.pop_back();
  EXPECT_EQ(promoted_floor(run, candidate(run)), nullptr);
  EXPECT_EQ(judge_calibrated(run, candidate(run)).outcome, Outcome::held) << "against its own";
}

}  // namespace
}  // namespace wan::gate
