#include "harness/gate/judge.h"

#include <gtest/gtest.h>

#include "harness/gate/criterion.h"
#include "tests/support/harness/records.h"

namespace wan::gate {
namespace {

using testing::candidate;
using testing::configuration;
using testing::good_run;
using testing::set_score;

TEST(Judge, GivesOneVerdictAConfigurationInTheRunsOrder) {
  const auto verdicts = judge(good_run());
  ASSERT_EQ(verdicts.size(), 4u);
  EXPECT_EQ(verdicts[0].configuration, "bf16");
  EXPECT_EQ(verdicts[3].configuration, "fast");
  EXPECT_EQ(verdicts[3].overall, Outcome::held);
  EXPECT_EQ(verdicts[3].deciding_gate, "roadmap");
}

TEST(Judge, BaselinesAndNoiseFloorAreShownAndNotJudged) {
  store::RunRecord run = good_run();
  for (auto& record : run.configurations) record.judged = true;  // all selected: `wan-eval --tier 0`
  set_score(configuration(run, "bf16_twin"), "ssim.ipol", 0.5);
  const auto verdicts = judge(run);
  EXPECT_FALSE(verdicts[0].judged);
  EXPECT_EQ(reason_code(verdicts[0].quality_roadmap.reason), "is_baseline");
  EXPECT_FALSE(verdicts[1].judged);
  EXPECT_EQ(reason_code(verdicts[1].quality_roadmap.reason), "is_noise_floor");
  EXPECT_EQ(verdicts[1].overall, Outcome::not_measured) << "the floor may be low; nobody fails by it";
  ASSERT_FALSE(verdicts[1].quality_roadmap.criteria.empty());
  EXPECT_DOUBLE_EQ(*verdicts[1].quality_roadmap.criteria[0].value, 0.5);
  EXPECT_TRUE(verdicts[2].judged) << "phase0 was selected and has bf16 as its baseline";
  EXPECT_EQ(verdicts[2].overall, Outcome::held);
  EXPECT_EQ(verdicts[2].speed.outcome, Outcome::not_claimed);
  run.configurations[2].judged = false;
  EXPECT_FALSE(judge(run)[2].judged);
}

TEST(Judge, ClaimOfSpeedNeedsSpeedAndQuality) {
  store::RunRecord run = good_run();
  for (auto* visit : testing::visits(run, "fast")) visit->clip_s = {2};
  EXPECT_EQ(judge(run)[3].overall, Outcome::rejected) << "slower";
  candidate(run).configuration.benefit = plan::Benefit::none;
  EXPECT_EQ(judge(run)[3].overall, Outcome::held) << "claims nothing, so quality decides";
  run = good_run();
  for (auto* visit : testing::visits(run, "fast")) visit->clip_s.clear();
  EXPECT_EQ(judge(run)[3].overall, Outcome::invalid) << "never a pass without times";
  run = good_run();
  set_score(candidate(run), "ssim.ipol", 0.93);
  EXPECT_EQ(judge(run)[3].overall, Outcome::failed) << "fast and bad";
  candidate(run).speed_claimable = "emulated";
  set_score(candidate(run), "ssim.ipol", 0.97);
  EXPECT_EQ(judge(run)[3].overall, Outcome::held) << "the device cannot show speed, so quality decides";
}

TEST(Judge, TheGateOfTheTierDecides) {
  store::RunRecord run = good_run();
  set_score(candidate(run), "ssim.ipol", 0.958);   // over 0.95, and 0.042 is under 1.15 x 0.04
  set_score(candidate(run), "lpips.alex", 0.048);  // under 0.05, but over 1.15 x 0.04 = 0.046
  EXPECT_EQ(judge(run)[3].overall, Outcome::held);
  candidate(run).configuration.gate = plan::GateKind::calibrated;
  const Verdict verdict = judge(run)[3];
  EXPECT_EQ(verdict.overall, Outcome::failed);
  EXPECT_EQ(verdict.deciding_gate, "calibrated");
  EXPECT_EQ(verdict.quality_roadmap.outcome, Outcome::held) << "both are shown";
}

TEST(Judge, ConfigurationOfItsOwnBaselineAndFloor) {
  store::RunRecord run = good_run();
  configuration(run, "bf16_twin").configuration.id = "twin_at_one";
  candidate(run).configuration.noise_floor = "twin_at_one";
  EXPECT_EQ(reason_code(judge(run)[1].quality_roadmap.reason), "is_noise_floor");
  EXPECT_EQ(judge(run)[3].quality_calibrated.outcome, Outcome::held);
  candidate(run).configuration.quality_baseline = "fast";
  EXPECT_FALSE(judge(run)[3].judged) << "compared with itself";
}

// ---- levels

TEST(Levels, WarningsAndWhatIsOffChangeNoVerdict) {
  using plan::Level;
  struct Case {
    Level plan::Levels::*level;
    void (*spoil)(store::RunRecord&);
    Outcome as_error;
  };
  const Case cases[] = {
      {&plan::Levels::max_lpips, [](auto& run) { set_score(candidate(run), "lpips.alex", 0.2); }, Outcome::failed},
      {&plan::Levels::min_psnr_db, [](auto& run) { set_score(candidate(run), "psnr.pooled", 20); }, Outcome::failed},
      {&plan::Levels::crashes, [](auto& run) { testing::fail(candidate(run).cells[0], "crash: x"); }, Outcome::rejected},
      {&plan::Levels::out_of_memory, [](auto& run) { testing::fail(candidate(run).cells[0], "oom: x"); }, Outcome::rejected},
      {&plan::Levels::min_speedup, [](auto& run) { candidate(run).configuration.thresholds.min_speedup = 3; }, Outcome::failed},
      {&plan::Levels::claim, [](auto& run) { candidate(run).configuration.claim = 3; }, Outcome::failed}};
  for (const auto& [level, spoil, as_error] : cases) {
    store::RunRecord run = good_run();
    spoil(run);
    EXPECT_EQ(judge(run)[3].overall, as_error);
    for (const Level below : {Level::warn, Level::off}) {
      candidate(run).configuration.thresholds.levels.*level = below;
      const Verdict verdict = judge(run)[3];
      EXPECT_EQ(verdict.overall, Outcome::held) << verdict.speed.reason << verdict.quality_roadmap.reason;
      const std::string all = verdict.speed.reason + verdict.quality_roadmap.reason;
      EXPECT_EQ(all.find("; warning: ") != std::string::npos, below == Level::warn) << all;
    }
  }
}

TEST(Levels, TheTwoBoundsOfSsimHaveEachTheirOwn) {
  using plan::Level;
  store::RunRecord run = good_run();
  set_score(candidate(run), "ssim.ipol", 0.85);
  plan::Levels& levels = candidate(run).configuration.thresholds.levels;
  EXPECT_EQ(judge(run)[3].overall, Outcome::rejected);
  levels.reject_ssim = Level::off;
  EXPECT_EQ(judge(run)[3].overall, Outcome::failed);
  levels.min_ssim = Level::warn;
  EXPECT_EQ(judge(run)[3].overall, Outcome::held);
  levels.reject_ssim = Level::error;
  EXPECT_EQ(judge(run)[3].overall, Outcome::rejected);
  levels.min_ssim = Level::off;
  EXPECT_EQ(judge(run)[3].overall, Outcome::rejected);
}

TEST(Levels, WithoutACriterionOfSpeedQualityDecidesAlone) {
  store::RunRecord run = good_run();
  for (auto* visit : testing::visits(run, "fast")) visit->clip_s = {1.5};
  EXPECT_EQ(judge(run)[3].overall, Outcome::rejected);
  candidate(run).configuration.thresholds.levels.materiality = plan::Level::warn;
  const Verdict verdict = judge(run)[3];
  EXPECT_EQ(verdict.speed.outcome, Outcome::not_claimed);
  EXPECT_NE(verdict.speed.reason.find("warning: speedup"), std::string::npos) << verdict.speed.reason;
  EXPECT_EQ(verdict.overall, Outcome::held);
}

TEST(OpenSpeeds, AreThoseOfJudgedConfigurationsThatTheBlocksLeaveInconclusive) {
  store::RunRecord run = good_run();
  run.blocks = 6;
  run.extension.blocks = 6;
  EXPECT_EQ(open_speeds(run), std::vector<std::string>{"fast"}) << "six blocks have no interval of 97.5 %";
  candidate(run).judged = false;
  EXPECT_EQ(open_speeds(run), std::vector<std::string>{});
  candidate(run).judged = true;
  run.extension = {};
  EXPECT_EQ(open_speeds(run), std::vector<std::string>{});
}

}  // namespace
}  // namespace wan::gate
