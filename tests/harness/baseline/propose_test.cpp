#include "harness/baseline/propose.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/base/error.h"
#include "harness/baseline/baseline_json.h"
#include "harness/baseline/compare_baselines.h"
#include "tests/support/harness/records.h"

namespace wan::baseline {
namespace {

using wan::testing::candidate;
using wan::testing::configuration;
using wan::testing::good_run;

// Three nights on which `fast` takes 0.5, 0.45 and 0.55 s.
std::vector<store::RunRecord> nights() {
  std::vector<store::RunRecord> runs(3, good_run());
  const double seconds[] = {0.5, 0.45, 0.55};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    runs[i].run_id = "night" + std::to_string(i);
    runs[i].plan_hash = "plan";
    runs[i].weights_hash = "weights";
    store::Environment& environment = runs[i].environment;
    environment.git_revision = "abc";
    environment.build_id = "build";
    environment.device = "cuda";
    environment.device_name = "NVIDIA H200";
    environment.driver = "580";
    environment.started_at = "2026-01-0" + std::to_string(i + 1) + "T00:00:00Z";
    for (auto* visit : wan::testing::visits(runs[i], "fast")) visit->clip_s = {seconds[i]};
  }
  return runs;
}

const Entry& entry_of(const Baseline& baseline, const std::string& id) {
  for (const auto& entry : baseline.entries)
    if (entry.configuration == id) return entry;
  throw std::logic_error(id);
}

const Figure& figure_of(const Entry& entry, const std::string& name) {
  for (const auto& figure : entry.figures)
    if (figure.name == name) return figure;
  throw std::logic_error(name);
}

std::string refusal(const std::vector<store::RunRecord>& runs) {
  try {
    propose(runs);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

// The mean of logarithms of three nights and its t interval, t(0.975, 2) = 4.30265272975.
TEST(Propose, FiguresOverNightsInClosedForm) {
  const Baseline baseline = propose(nights());
  EXPECT_EQ(baseline.machine_class, "NVIDIA H200");
  EXPECT_EQ(file_stem(baseline.machine_class), "nvidia_h200");
  const Entry& fast = entry_of(baseline, "fast");
  EXPECT_EQ(fast.n, 3);
  EXPECT_EQ(fast.provenance.run_ids, (std::vector<std::string>{"night0", "night1", "night2"}));
  EXPECT_EQ(fast.provenance.commit + fast.provenance.build_id + fast.provenance.weights_hash + fast.provenance.driver,
            "abcbuildweights580");
  EXPECT_EQ(fast.provenance.date, "2026-01-03T00:00:00Z");
  const Figure& clip = figure_of(fast, "clip_s");
  const double logs[] = {std::log(0.5), std::log(0.45), std::log(0.55)};
  const double mean = (logs[0] + logs[1] + logs[2]) / 3;
  double squares = 0;
  for (const double one : logs) squares += (one - mean) * (one - mean);
  const double half = 4.30265272975 * std::sqrt(squares / 2) / std::sqrt(3.0);
  EXPECT_NEAR(clip.value, std::exp(mean), 1e-12);
  EXPECT_NEAR(clip.low, std::exp(mean - half), 1e-9);
  EXPECT_NEAR(clip.high, std::exp(mean + half), 1e-9);
  EXPECT_EQ(clip.nights.size(), 3u);
  EXPECT_NEAR(figure_of(fast, "speedup").value, 1 / std::exp(mean), 1e-12);
  EXPECT_NEAR(figure_of(fast, "ssim.ipol").value, 0.97, 1e-12);
  EXPECT_EQ(entry_of(baseline, "bf16").figures.size(), 1u) << "a baseline has a time and no scores";
}

TEST(Propose, RefusesWhatIsNoThreeValidNightsOfOnePlanAndClass) {
  const auto good = nights();
  EXPECT_EQ(refusal(good), "");
  EXPECT_NE(refusal({good[0], good[1]}).find("at least 3 valid runs, got 2"), std::string::npos);
  EXPECT_NE(refusal({}).find("got 0"), std::string::npos);
  EXPECT_NE(refusal({good[0], good[1], good[1]}).find("night1: stands twice"), std::string::npos);
  auto bad = nights();
  bad[0].complete = false;
  bad[1].plan_hash = "other";
  bad[1].environment.device_name = "NVIDIA H100";
  bad[2].weights_hash = "other";
  wan::testing::fail(candidate(bad[2]).cells.front(), "crash: signal 11");
  for (auto* visit : wan::testing::visits(bad[2], "phase0")) visit->void_reason = "throttled";
  const std::string all = refusal(bad);
  for (const char* part : {"night0: the run is unfinished", "night1: another plan", "night1: machine class 'NVIDIA H100'",
                           "night2: other weights", "night2: fast has 5 of 6 clips", "night2: phase0 has no valid visit"})
    EXPECT_NE(all.find(part), std::string::npos) << part << "\n" << all;
}

// Twin LPIPS 0.02 and 0.08 on half of six prompts each: mean loss ln 0.04, deviation ln 2 sqrt(6 / 5).
TEST(Calibrate, StoresMeanAndDeviationOnTheLossScales) {
  store::RunRecord run = good_run();
  auto& cells = configuration(run, "bf16_twin").cells;
  for (std::size_t i = 0; i < cells.size(); ++i) wan::testing::score(cells[i], "lpips.alex").pooled.mean = i % 2 == 0 ? 0.02 : 0.08;
  const auto floors = calibrate(run);
  ASSERT_EQ(floors.size(), 1u);
  EXPECT_EQ(floors[0].configuration, "bf16_twin");
  ASSERT_EQ(floors[0].scores.size(), 4u);
  const FloorScore& lpips = floors[0].scores[2];
  EXPECT_EQ(lpips.score, "lpips.alex");
  EXPECT_EQ(lpips.prompts, 6);
  EXPECT_NEAR(lpips.mean, std::log(0.04), 1e-12);
  EXPECT_NEAR(lpips.standard_deviation, std::log(2.0) * std::sqrt(6.0 / 5.0), 1e-12);
  EXPECT_NEAR(lpips.margin, 0.01 * -std::log(0.04), 1e-12);
  EXPECT_EQ(floors[0].scores[0].standard_deviation, 0) << "PSNR is the same on every prompt";
  EXPECT_EQ(floors[0].scores[0].margin, 0);
  ASSERT_EQ(floors[0].distances.size(), 3U);
  EXPECT_EQ(floors[0].distances[0].name, "lpips.alex");
  ASSERT_EQ(floors[0].distances[0].prompts.size(), 6U);
  EXPECT_NEAR(floors[0].distances[0].prompts[1].log_distance, std::log(0.08), 1e-12);
  EXPECT_NEAR(floors[0].distances[1].prompts[0].log_distance, std::log(0.04), 1e-12) << "1 - SSIM";
  store::RunRecord without = good_run();
  std::erase_if(without.configurations, [](const auto& record) { return record.configuration.id == "bf16_twin"; });
  EXPECT_THROW(calibrate(without), UsageError);
}

TEST(Propose, WhatItProposesIsKeptInItsFile) {
  Baseline baseline = propose(nights());
  baseline.floors = calibrate(nights()[0]);
  EXPECT_EQ(baseline_from_json(to_json(baseline), "x"), baseline);
}

TEST(Promote, MarginsLoosenOnlyWithAReason) {
  Baseline before = propose(nights());
  before.floors = {{.configuration = "bf16_twin", .scores = {{.score = "lpips.alex", .margin = 0.03}, {.score = "mse", .margin = 0.02}}}};
  Baseline after = before;
  after.floors[0].scores[0].margin = 0.02;
  EXPECT_EQ(promoted(before, after, ""), after) << "tighter is free";
  after.floors[0].scores[0].margin = 0.04;
  EXPECT_THROW(promoted(before, after, " "), UsageError);
  EXPECT_EQ(promoted(before, after, "another kernel").entries[0].provenance.reason, "another kernel");
  after.floors.clear();
  EXPECT_THROW(promoted(before, after, ""), UsageError) << "a margin that is gone loosens";
  EXPECT_EQ(promoted({}, before, ""), before) << "the first one loosens nothing";
}

TEST(CompareBaselines, NewGoneAndChangedFigures) {
  const Baseline before = propose(nights());
  Baseline after = before;
  after.entries.erase(after.entries.begin());
  after.entries.back().configuration = "faster";
  const auto difference = compare_baselines(before, after);
  std::size_t fresh = 0, gone = 0;
  for (const auto& change : difference.figures) {
    if (!change.promoted) ++fresh;
    if (!change.proposed) ++gone;
  }
  EXPECT_EQ(fresh, 6u) << "clip_s, speedup and four scores of `faster`";
  EXPECT_EQ(gone, 7u) << "those of `fast`, and clip_s of bf16";
}

TEST(Calibrate, NightsOfOnePlanAreAveragedPromptByPrompt) {
  auto runs = nights();
  for (std::size_t i = 0; i < runs.size(); ++i)
    for (auto& cell : configuration(runs[i], "bf16_twin").cells)
      wan::testing::score(cell, "lpips.alex").pooled.mean = 0.02 * static_cast<double>(1 << i);
  const auto floors = calibrate(runs);
  ASSERT_EQ(floors.size(), 1U);
  EXPECT_EQ(floors[0].provenance.run_ids.size(), 3U);
  EXPECT_NEAR(floors[0].distances[0].prompts[0].log_distance, std::log(0.04), 1e-12);
  runs[1].plan_hash = "another";
  EXPECT_THROW(calibrate(runs), UsageError);
  EXPECT_THROW(calibrate(std::vector<store::RunRecord>{}), UsageError);
}

}  // namespace
}  // namespace wan::baseline
