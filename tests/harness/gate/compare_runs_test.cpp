#include "harness/gate/compare_runs.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/base/error.h"
#include "harness/cli/comparison_text.h"
#include "tests/support/harness/records.h"

namespace wan::gate {
namespace {

using testing::candidate;
using testing::good_run;
using testing::score;

const ConfigurationComparison& of(const RunComparison& comparison, const std::string& id) {
  for (const auto& one : comparison.configurations)
    if (one.id == id) return one;
  throw std::logic_error(id);
}

const ScoreComparison& score_of(const RunComparison& comparison, const std::string& id, const std::string& name) {
  for (const auto& one : of(comparison, id).scores)
    if (one.score == name) return one;
  throw std::logic_error(name);
}

TEST(CompareRuns, ARunEqualsItself) {
  const store::RunRecord run = good_run();
  const RunComparison comparison = compare_runs(run, run);
  EXPECT_TRUE(comparison.differences.empty());
  EXPECT_EQ(comparison.configurations.size(), run.configurations.size());
  const auto& fast = of(comparison, "fast");
  EXPECT_EQ(fast.clips, 6u);
  EXPECT_EQ(fast.identical_clips, 6u);
  ASSERT_EQ(fast.scores.size(), 4u);
  for (const auto& one : fast.scores) {
    EXPECT_EQ(one.change, Change::none_shown) << one.score;
    EXPECT_EQ(one.worsening, 0) << one.score;
    EXPECT_EQ(one.first, one.second) << one.score;
  }
  EXPECT_TRUE(of(comparison, "bf16").scores.empty()) << "a baseline has no scores";
}

// Differences ln 1.1 and ln 1.3 over six prompts, three of each: mean (ln 1.1 + ln 1.3) / 2, deviation d sqrt(6 / 5) with d half their
// distance, and t(0.975, 5) = 2.5705818356363.
TEST(CompareRuns, IntervalsAreThoseOfPairedPromptsInClosedForm) {
  const store::RunRecord first = good_run();
  store::RunRecord second = good_run();
  auto& cells = candidate(second).cells;
  for (std::size_t i = 0; i < cells.size(); ++i) score(cells[i], "lpips.alex").pooled.mean *= i % 2 == 0 ? 1.1 : 1.3;
  const auto& lpips = score_of(compare_runs(first, second), "fast", "lpips.alex");
  const double mean = (std::log(1.1) + std::log(1.3)) / 2, half = (std::log(1.3) - std::log(1.1)) / 2;
  const double width = 2.5705818356363 * half * std::sqrt(6.0 / 5.0) / std::sqrt(6.0);
  EXPECT_EQ(lpips.prompts, 6u);
  EXPECT_NEAR(lpips.worsening, mean, 1e-12);
  EXPECT_NEAR(lpips.interval->low, mean - width, 1e-9);
  EXPECT_NEAR(lpips.interval->high, mean + width, 1e-9);
  EXPECT_EQ(lpips.change, Change::worse);
  EXPECT_EQ(score_of(compare_runs(second, first), "fast", "lpips.alex").change, Change::better);
}

TEST(CompareRuns, TimesAreMediansOfValidVisitsWithoutAVerdict) {
  store::RunRecord first = good_run(), second = good_run();
  for (auto* visit : testing::visits(second, "fast")) visit->clip_s = {2.0};
  testing::visits(second, "fast").front()->void_reason = "throttled";
  const RunComparison comparison = compare_runs(first, second);
  const auto& times = of(comparison, "fast").times;
  EXPECT_EQ(times.first_s, 0.5);
  EXPECT_EQ(times.second_s, 2.0);
  EXPECT_EQ(times.second_visits, 5u);
  EXPECT_NE(cli::comparison_text(comparison, first, second).find("carry no verdict"), std::string::npos);
  EXPECT_NE(cli::comparison_json(comparison, first, second).find(R"("verdict":"none","reason":"not_interleaved")"), std::string::npos);
}

TEST(CompareRuns, TimesOfLoopsAndOfClipsAreNotLaidSideBySide) {
  const store::RunRecord clips = good_run();
  store::RunRecord steps = good_run();
  testing::visit_by_steps(steps);
  const RunComparison comparison = compare_runs(clips, steps);
  EXPECT_FALSE(of(comparison, "fast").times.first_s);
  EXPECT_FALSE(of(comparison, "fast").times.second_s);
  ASSERT_EQ(comparison.differences.size(), 1u);
  EXPECT_EQ(comparison.differences[0].what, "timed");
  EXPECT_EQ(comparison.differences[0].second, "3 denoising steps of each expert");
  EXPECT_NEAR(*of(compare_runs(steps, steps), "fast").times.first_s, 0.5, 1e-12);
}

TEST(CompareRuns, WhatChangedIsListed) {
  store::RunRecord first = good_run(), second = good_run();
  second.environment.build_id = "other";
  second.weights_hash = "w2";
  second.environment.cores = 4;
  candidate(second).configuration.optimizations.push_back({.id = "tf32"});
  candidate(second).cells.front().clip_hash = "another";
  second.configurations.push_back(second.configurations.back());
  second.configurations.back().configuration.id = "extra";
  const RunComparison comparison = compare_runs(first, second);
  std::string names;
  for (const auto& difference : comparison.differences) names += difference.what + ";";
  EXPECT_EQ(names, "build;weights;machine class;");
  EXPECT_EQ(comparison.differences.front().first, "unknown");
  EXPECT_FALSE(of(comparison, "fast").same_optimizations);
  EXPECT_EQ(of(comparison, "fast").identical_clips, 5u);
  EXPECT_EQ(comparison.only_second, std::vector<std::string>{"extra"});
}

TEST(CompareRuns, AnotherVersionOfAMetricIsAnotherFigure) {
  store::RunRecord second = good_run();
  for (auto& cell : candidate(second).cells) score(cell, "ssim.ipol").version = 2;
  const RunComparison comparison = compare_runs(good_run(), second);
  EXPECT_EQ(of(comparison, "fast").scores.size(), 3u);
  EXPECT_EQ(of(comparison, "fast").skipped, std::vector<std::string>{"ssim.ipol: version 1 in one run, 2 in the other"});
}

TEST(CompareRuns, RunsThatShareNothingAreRefused) {
  store::RunRecord other = good_run();
  for (auto& record : other.configurations) record.configuration.id += "_x";
  EXPECT_THROW(compare_runs(good_run(), other), UsageError);
  store::RunRecord prompts = good_run();
  for (auto& record : prompts.configurations)
    for (auto& cell : record.cells) cell.seed = 7;
  EXPECT_THROW(compare_runs(good_run(), prompts), UsageError);
}

}  // namespace
}  // namespace wan::gate
