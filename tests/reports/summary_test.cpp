#include "reports/summary.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/reports/fixture.h"

namespace wan::reports {
namespace {

using gate::Outcome;

TEST(Summary, ShowsTheFigureThatTheGateJudged) {
  auto fixture = testing::tier2_run();
  fixture.verdicts[3].quality_roadmap.criteria[1].value = 0.1234;  // ssim.ipol of fp8_ffn
  EXPECT_EQ(summarize(fixture.data())[3].ssim, 0.1234);
  fixture.verdicts.clear();
  EXPECT_NEAR(summarize(fixture.data())[3].ssim.value(), suite_score(fixture.run.configurations[3], kSsim).value(), 0);
}

TEST(Summary, FloorRatioPairsClips) {
  auto fixture = testing::tier2_run();
  auto& run = fixture.run;
  const auto set = [](store::Cell& cell, double value) { cell.scores.scores = {{.metric = "lpips.alex", .pooled = {.mean = value}}}; };
  for (auto* cells : {&run.configurations[1].cells, &run.configurations[3].cells}) cells->resize(3);
  for (auto& cell : run.configurations[1].cells) set(cell, 0.1);
  for (auto& cell : run.configurations[3].cells) set(cell, 0.2);
  run.configurations[1].cells[2].prompt = "another";  // without a partner: it must not count
  set(run.configurations[1].cells[2], 9);
  EXPECT_NEAR(paired_ratio(run.configurations[3], run.configurations[1], "lpips.alex", false).value(), 2, 1e-12);
  EXPECT_NEAR(paired_ratio(run.configurations[3], run.configurations[1], "lpips.alex", true).value(), 0.8 / 0.9, 1e-12);
  for (auto& cell : run.configurations[1].cells) set(cell, 0);
  EXPECT_FALSE(paired_ratio(run.configurations[3], run.configurations[1], "lpips.alex", false));
}

TEST(Summary, TheGravestCandidateDecidesAndReferencesDoNot) {
  auto fixture = testing::tier2_run();
  const auto overall = [&] { return summarize_run(fixture.data(), summarize(fixture.data())).overall; };
  EXPECT_EQ(overall(), Outcome::rejected);
  for (auto& verdict : fixture.verdicts)
    if (verdict.judged) verdict.overall = Outcome::held;
  EXPECT_EQ(overall(), Outcome::held);
  fixture.verdicts[4].overall = Outcome::inconclusive;
  EXPECT_EQ(overall(), Outcome::inconclusive);
}

TEST(Summary, SentencesForOneForAllForNone) {
  auto fixture = testing::tier2_run();
  const auto sentence = [&] { return summarize_run(fixture.data(), summarize(fixture.data())).sentence; };
  EXPECT_EQ(sentence(),
            "2 of 5 configurations held their gates (phase0, int8_linear); 1 failed (fp8_ffn), 2 rejected (fp8_full, tier2_all).");
  for (auto& verdict : fixture.verdicts) verdict.overall = Outcome::rejected;
  fixture.verdicts[2].overall = Outcome::held;
  EXPECT_EQ(sentence(), "1 of 5 configurations held their gates (phase0); 4 rejected (fp8_ffn, fp8_full, int8_linear, tier2_all).");
  for (auto& verdict : fixture.verdicts) verdict.overall = Outcome::held;
  EXPECT_EQ(sentence(), "All 5 configurations held their gates.");
  for (auto& verdict : fixture.verdicts) verdict.overall = Outcome::rejected;
  EXPECT_EQ(sentence(), "All 5 configurations failed to pass: rejected.");
  fixture.verdicts[2].overall = Outcome::failed;
  EXPECT_EQ(sentence(),
            "None of 5 configurations held its gates: 1 failed (phase0), 4 rejected (fp8_ffn, fp8_full, int8_linear, tier2_all).");
  fixture.verdicts.resize(2);
  EXPECT_EQ(sentence(), "Nothing was judged: the run holds no candidate configuration.");
}

TEST(Summary, SpeedIsAFigureOnlyWhereItWasJudged) {
  auto fixture = testing::tier2_run();
  EXPECT_EQ(summarize(fixture.data())[3].speed, "not claimed");
  fixture.verdicts[3].speed = {
      .outcome = Outcome::held, .reason = "faster", .criteria = {{.name = "speedup", .outcome = Outcome::held, .value = 1.42}}};
  EXPECT_EQ(summarize(fixture.data())[3].speed, "1.42×");
  fixture.verdicts[3].speed = {.outcome = Outcome::inconclusive, .reason = "too few"};
  EXPECT_EQ(summarize(fixture.data())[3].speed, "inconclusive");
}

TEST(Summary, ReasonNamesTheGateThatDecided) {
  auto fixture = testing::tier2_run();
  auto& verdict = fixture.verdicts[5];  // int8_linear, held
  verdict.speed = {.outcome = Outcome::rejected, .reason = "slower: by 12 %"};
  verdict.overall = Outcome::rejected;
  EXPECT_EQ(summarize(fixture.data())[5].reason, "speed: slower: by 12 %");
  EXPECT_EQ(summarize(fixture.data())[3].reason, "quality: ssim.ipol 0.9107 (n = 12) is not above 0.95");
}

TEST(Summary, NotesNameWhatIsMissing) {
  auto fixture = testing::tier2_run();
  fixture.run.complete = false;
  const auto notes = summarize_run(fixture.data(), summarize(fixture.data())).notes;
  ASSERT_EQ(notes.size(), 3U);
  EXPECT_NE(notes[0].find("3 configurations"), std::string::npos);
  EXPECT_NE(notes[1].find("--resume"), std::string::npos);
  EXPECT_NE(notes[2].find("1 clip is missing"), std::string::npos);
}

}  // namespace
}  // namespace wan::reports
