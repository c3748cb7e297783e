#include "harness/rollout/production.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "harness/rollout/evidence.h"
#include "tests/support/harness/records.h"
#include "tests/support/harness/rollouts.h"

namespace wan::rollout {
namespace {

using gate::Outcome;
using testing::evidence_run;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Subject subject() { return fixed_by(testing::fast_subject(), evidence_run(1, 1)); }

// As good as what was promoted, LPIPS and MSE times `factor`.
Samples samples(double factor = 1, std::size_t prompts = 12) {
  store::RunRecord run = evidence_run(prompts, 1);
  store::ConfigurationRecord& fast = testing::candidate(run);
  int i = 0;
  for (auto& cell : fast.cells) {
    const double spread = i++ % 2 == 0 ? 0.99 : 1.01;
    for (const char* name : {"lpips.alex", "mse"}) testing::score(cell, name).pooled.mean *= factor * spread;
  }
  return {.clips = fast};
}

const gate::Criterion& criterion(const Comparison& comparison, const std::string& name) {
  const auto& all = comparison.gate.criteria;
  return *std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
}

TEST(Production, HoldsWhatIsAsGoodAsPromotedAndFailsWhatIsWorse) {
  const auto promoted = testing::promoted_baseline();
  const Comparison good = compare_with_promoted(subject(), samples(), promoted);
  EXPECT_EQ(good.gate.outcome, Outcome::held) << good.gate.reason;
  EXPECT_EQ(good.clips, 12u);
  EXPECT_EQ(good.prompts, 12u);
  const Comparison bad = compare_with_promoted(subject(), samples(2), promoted);
  EXPECT_EQ(bad.gate.outcome, Outcome::failed);
  EXPECT_THAT(criterion(bad, "lpips.alex").reason, StartsWith("worse: more than 1.15 times"));
  // Of the promoted figure 0.03 and the floor 0.04 the floor is the worse: 1.15 times 0.04 is the bound.
  EXPECT_NEAR(*criterion(bad, "lpips.alex").bound, 1.15 * 0.04, 1e-9);
  EXPECT_NEAR(*criterion(bad, "lpips.alex").value, 0.06, 1e-4);
}

TEST(Production, TheLevelIsThePromotedFigureWhereThatIsFurtherThanTheFloor) {
  auto promoted = testing::promoted_baseline();
  for (auto& floor : promoted.floors)
    for (auto& score : floor.scores)
      if (score.score == "lpips.alex") score.mean = std::log(0.001);
  const Comparison good = compare_with_promoted(subject(), samples(), promoted);
  EXPECT_EQ(good.gate.outcome, Outcome::held) << good.gate.reason;
  EXPECT_NEAR(*criterion(good, "lpips.alex").bound, 1.15 * 0.03, 1e-9);
}

TEST(Production, FewSamplesDecideNothing) {
  const auto promoted = testing::promoted_baseline();
  EXPECT_EQ(compare_with_promoted(subject(), samples(2, 1), promoted).gate.outcome, Outcome::inconclusive) << "one prompt has no interval";
}

TEST(Production, BrokenClipsAreRejectedWhateverWasPromoted) {
  const auto promoted = testing::promoted_baseline();
  const auto outcome = [&](auto change) {
    auto broken = samples();
    change(broken);
    EXPECT_EQ(compare_with_promoted(subject(), broken, {}).gate.outcome, Outcome::rejected) << "no baseline is needed to see that";
    return compare_with_promoted(subject(), broken, promoted).gate;
  };
  EXPECT_EQ(outcome([](Samples& s) { testing::fail(s.clips.cells[3], "crash: signal 11"); }).outcome, Outcome::rejected);
  EXPECT_THAT(outcome([](Samples& s) { testing::fail(s.clips.cells[3], "oom: 80 GiB"); }).reason, HasSubstr("80 GiB"));
  EXPECT_EQ(outcome([](Samples& s) { s.clips.cells[0].nonfinite = 5; }).outcome, Outcome::rejected);
  EXPECT_EQ(
      outcome([](Samples& s) { s.clips.cells[0].scores.artifacts[0].fired = s.clips.cells[1].scores.artifacts[0].fired = true; }).outcome,
      Outcome::rejected);
  auto unlike = samples();
  testing::set_score(unlike.clips, "ssim.ipol", 0.8);
  EXPECT_EQ(compare_with_promoted(subject(), unlike, promoted).gate.outcome, Outcome::rejected);
}

TEST(Production, WhatARunsOwnGatesRejectIsRejected) {
  auto slow = samples();
  slow.failures.push_back({.name = "gates", .outcome = Outcome::rejected, .reason = "gate_rejected: speed: slower"});
  const Comparison comparison = compare_with_promoted(subject(), slow, testing::promoted_baseline());
  EXPECT_EQ(comparison.gate.outcome, Outcome::rejected);
  EXPECT_THAT(comparison.gate.reason, HasSubstr("slower"));
}

// LPIPS of prompts spread as on the embedded model (a factor of two, standard deviation), 24 a watch, around `factor` times the level.
double alert_rate(double factor) {
  const auto promoted = testing::promoted_baseline();
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  constexpr int kWatches = 200;
  int alerts = 0;
  for (int watch = 0; watch < kWatches; ++watch) {
    Samples drawn = samples(1, 24);
    for (auto& cell : drawn.clips.cells)
      testing::score(cell, "lpips.alex").pooled.mean = 0.04 * factor * std::exp(std::log(2.0) * normal(random));
    alerts += compare_with_promoted(subject(), drawn, promoted).gate.outcome == Outcome::failed;
  }
  return static_cast<double>(alerts) / kWatches;
}

TEST(Production, AlertsRarelyWithoutReasonAndMostlyWithOne) {
  EXPECT_LE(alert_rate(1.0), 0.02);
  EXPECT_LE(alert_rate(1.15), 0.08) << "at the margin one in twenty, as the interval promises";
  EXPECT_GE(alert_rate(2.0), 0.95);
}

TEST(Production, WithoutAFittingBaselineNothingIsHeld) {
  const auto reason = [](const Subject& of, const baseline::Baseline& promoted) {
    const Comparison comparison = compare_with_promoted(of, samples(), promoted);
    EXPECT_EQ(comparison.gate.outcome, Outcome::invalid);
    EXPECT_THAT(comparison.gate.reason, StartsWith("no_baseline: "));
    return comparison.gate.reason;
  };
  const auto promoted = testing::promoted_baseline();
  Subject other = subject();
  other.machine_class = "NVIDIA H100";
  EXPECT_THAT(reason(other, promoted), HasSubstr("machine class is 'NVIDIA H200'"));
  other = subject();
  other.model = "another";
  EXPECT_THAT(reason(other, promoted), HasSubstr("model"));
  other = subject();
  other.shape = "large";
  EXPECT_THAT(reason(other, promoted), HasSubstr("shape"));
  auto without = promoted;
  without.floors.clear();
  EXPECT_THAT(reason(subject(), without), HasSubstr("baseline calibrate"));
  without = promoted;
  std::erase_if(without.entries, [](const auto& entry) { return entry.configuration == "fast"; });
  EXPECT_THAT(reason(subject(), without), HasSubstr("no figure of fast"));
  Subject calibrated = subject();
  calibrated.configuration.gate = plan::GateKind::calibrated;
  EXPECT_EQ(compare_with_promoted(calibrated, samples(), without).gate.outcome, Outcome::held) << "its level is the floor";
}

}  // namespace
}  // namespace wan::rollout
