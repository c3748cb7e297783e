#include "harness/history/history.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <tuple>

#include "harness/history/figures.h"
#include "harness/measure/distributions.h"
#include "tests/support/harness/records.h"
#include "tests/support/harness/run_folders.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::history {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string day(std::size_t night) { return fmt::format("2026-{:02}-{:02}", 1 + night / 28, 1 + night % 28); }

// Nights of one machine, with figures of one configuration; build and commit change with `changed`.
struct Nights {
  std::vector<store::IndexedRun> runs = {};
  std::vector<store::RunFigure> figures = {};

  void add(std::size_t night, const std::vector<store::IndexedFigure>& made, const std::string& build = "b1") {
    store::IndexedRun run{.folder = day(night), .problem = ""};
    run.started_at = day(night) + "T01:00:00Z";
    run.machine_class = "card";
    run.model = "wan-tiny";
    run.suite_id = "six";
    run.shape = "small";
    run.git_revision = "commit of " + build;
    run.build_id = build;
    runs.push_back(run);
    for (const auto& figure : made) figures.push_back({.folder = run.folder, .figure = figure});
  }
};

double wobble(std::size_t night) { return 0.002 * static_cast<double>(night * 7 % 5); }

store::IndexedFigure speedup(double value, const std::string& configuration = "fast") {
  return {.configuration = configuration, .name = "speedup", .value = value, .clips = 12};
}

TEST(History, TellsWhenALevelChangedAndWhatElseDid) {
  Nights nights;
  for (std::size_t i = 0; i < 30; ++i) nights.add(i, {speedup(i < 20 ? 1.50 + wobble(i) : 1.42 + wobble(i))}, i < 20 ? "b1" : "b2");
  const History history = make_history(nights.runs, nights.figures, {});
  ASSERT_EQ(history.series.size(), 1u);
  const Series& series = history.series[0];
  EXPECT_EQ(series.scope, (Scope{.machine_class = "card", .model = "wan-tiny", .suite = "six", .shape = "small"}));
  EXPECT_EQ(series.nights.size(), 30u);
  ASSERT_EQ(series.changes.size(), 1u);
  const Change& change = series.changes[0];
  EXPECT_EQ(series.nights[change.night].folder, day(20));
  EXPECT_NEAR(change.before, 1.504, 1e-9);
  EXPECT_NEAR(change.after, 1.424, 1e-9);
  EXPECT_FALSE(change.better);
  EXPECT_LE(change.p, 0.001);
  ASSERT_EQ(change.differences.size(), 2u);
  EXPECT_EQ(change.differences[0].what, "commit");
  EXPECT_EQ(change.differences[1].before + " " + change.differences[1].after, "b1 b2");
}

TEST(History, DirectionIsThatOfTheFigure) {
  for (const auto& [name, before, after, better] : {std::tuple{"speedup", 1.4, 1.5, true},
                                                    {"clip_s", 2.0, 1.0, true},
                                                    {"loop_speedup", 1.4, 1.5, true},
                                                    {"loop_s", 1.0, 2.0, false},
                                                    {"ssim.ipol", 0.99, 0.97, false},
                                                    {"lpips.alex", 0.03, 0.05, false},
                                                    {"psnr.pooled", 30.0, 34.0, true}}) {
    Nights nights;
    for (std::size_t i = 0; i < 24; ++i)
      nights.add(i, {{.configuration = "fast", .name = name, .value = (i < 12 ? before : after) + wobble(i) / 10, .clips = 1}});
    const History history = make_history(nights.runs, nights.figures, {});
    ASSERT_EQ(history.series.at(0).changes.size(), 1u) << name;
    EXPECT_EQ(history.series[0].changes[0].better, better) << name;
  }
}

TEST(History, OtherMachinesShapesAndNumbersOfClipsAreOtherSeries) {
  Nights nights;
  for (std::size_t i = 0; i < 24; ++i) nights.add(i, {speedup(i % 2 == 0 ? 1.5 : 1.2)});
  for (std::size_t i = 0; i < 24; i += 2) nights.runs[i].machine_class = "another card";
  const History apart = make_history(nights.runs, nights.figures, {});
  ASSERT_EQ(apart.series.size(), 2u);
  for (const auto& series : apart.series) EXPECT_TRUE(series.changes.empty());
  const History one = make_history(nights.runs, nights.figures, {.scope = apart.series[1].scope});
  ASSERT_EQ(one.series.size(), 1u);
  EXPECT_EQ(one.series[0].scope.machine_class, apart.series[1].scope.machine_class);
  EXPECT_TRUE(make_history(nights.runs, nights.figures, {.configurations = {"other"}}).series.empty());
  nights.figures[0].figure.clips = 3;
  EXPECT_EQ(make_history(nights.runs, nights.figures, {}).series.size(), 3u);
}

// A level that differs by chance with p 0.01 is one alarm among one series, and none among a hundred.
TEST(History, ManySeriesMakeNoAlarmOfWhatOneAloneWould) {
  Nights alone, many;
  for (std::size_t i = 0; i < 9; ++i) {
    const auto changed = speedup(i < 6 ? 1.5 : 1.4);
    alone.add(i, {changed});
    std::vector<store::IndexedFigure> made{changed};
    for (int k = 0; k < 40; ++k) made.push_back(speedup(1.5 + wobble(i * 3 + static_cast<std::size_t>(k)), fmt::format("quiet{}", k)));
    many.add(i, made);
  }
  const HistoryOptions options{.alpha = 0.05};
  EXPECT_EQ(make_history(alone.runs, alone.figures, options).series[0].changes.size(), 1u);
  const History history = make_history(many.runs, many.figures, options);
  EXPECT_EQ(history.tested, 41u);
  for (const auto& series : history.series) {
    EXPECT_TRUE(series.changes.empty()) << series.configuration;
    EXPECT_GE(series.adjusted_p, series.p);
  }
}

// Twenty figures that share each night's drift, thirty nights, nothing ever changes: the family's level holds, with an allowance of three
// binomial standard deviations.
TEST(History, QuietFamiliesAlarmAsRarelyAsAsked) {
  constexpr int kFamilies = 200;
  std::mt19937_64 random(20261122);
  const auto normal = [&] { return measure::normal_quantile((static_cast<double>(random() >> 11) + 0.5) * 0x1p-53); };
  const HistoryOptions options{.alpha = 0.05};
  int alarms = 0;
  for (int family = 0; family < kFamilies; ++family) {
    Nights nights;
    for (std::size_t i = 0; i < 30; ++i) {
      const double drift = 0.01 * normal();
      std::vector<store::IndexedFigure> made;
      for (int k = 0; k < 20; ++k) made.push_back(speedup(std::exp(drift + 0.005 * normal()), fmt::format("c{}", k)));
      nights.add(i, made);
    }
    const History history = make_history(nights.runs, nights.figures, options);
    alarms += std::any_of(history.series.begin(), history.series.end(), [](const Series& series) { return !series.changes.empty(); });
  }
  EXPECT_LE(alarms, kFamilies * (options.alpha + 3 * std::sqrt(options.alpha * (1 - options.alpha) / kFamilies)));
}

TEST(History, FewNightsAreShownUntestedAndOldOnesLeaveTheWindow) {
  Nights nights;
  for (std::size_t i = 0; i < 5; ++i) nights.add(i, {speedup(1.5)});
  EXPECT_EQ(make_history(nights.runs, nights.figures, {}).tested, 0u);
  EXPECT_EQ(make_history(nights.runs, nights.figures, {}).series[0].nights.size(), 5u);
  for (std::size_t i = 5; i < 20; ++i) nights.add(i, {speedup(1.5)});
  const History latest = make_history(nights.runs, nights.figures, {.most_nights = 8});
  EXPECT_EQ(latest.series[0].nights.size(), 8u);
  EXPECT_EQ(latest.series[0].nights.front().folder, day(12));
  EXPECT_TRUE(make_history({}, {}, {}).series.empty());
}

std::map<std::string, double> by_name(const std::vector<store::IndexedFigure>& figures, const std::string& configuration) {
  std::map<std::string, double> values;
  for (const auto& figure : figures)
    if (figure.configuration == configuration) values[figure.name] = figure.value;
  return values;
}

TEST(Figures, AreTheGatesOwn) {
  const auto figures = figures_of(testing::good_run());
  const auto fast = by_name(figures, "fast");
  EXPECT_NEAR(fast.at("speedup"), 2.0, 1e-12);
  EXPECT_NEAR(fast.at("ssim.ipol"), 0.97, 1e-12);
  EXPECT_NEAR(fast.at("lpips.alex"), 0.03, 1e-12);
  EXPECT_NEAR(fast.at("psnr.pooled"), 33, 1e-9);
  EXPECT_FALSE(fast.contains("clip_s"));
  const auto reference = by_name(figures, "bf16");
  EXPECT_NEAR(reference.at("clip_s"), 1.2, 1e-12);
  EXPECT_FALSE(reference.contains("speedup"));
  EXPECT_FALSE(reference.contains("ssim.ipol"));
}

TEST(Figures, OfTimedStepsHaveNamesOfTheirOwn) {
  auto run = testing::good_run();
  testing::visit_by_steps(run);
  const auto figures = figures_of(run);
  EXPECT_NEAR(by_name(figures, "fast").at("loop_speedup"), 2.0, 1e-12);
  EXPECT_NEAR(by_name(figures, "bf16").at("loop_s"), 1.2, 1e-12);
  EXPECT_FALSE(by_name(figures, "fast").contains("speedup"));
}

TEST(Figures, WhatProvesNothingOrIsIncompleteHasNone) {
  auto run = testing::good_run();
  testing::candidate(run).speed_claimable = "emulated";
  testing::fail(testing::candidate(run).cells[2], "oom: no room");
  EXPECT_TRUE(by_name(figures_of(run), "fast").empty());
}

class StoredHistory : public ::testing::Test {
 protected:
  void store(std::size_t night, double ssim) {
    store::RunRecord run = testing::good_run();
    run.run_id = day(night);
    run.environment.started_at = day(night) + "T01:00:00Z";
    run.environment.build_id = ssim < 0.95 ? "b2" : "b1";
    testing::set_score(testing::candidate(run), "ssim.ipol", ssim + wobble(night) / 10);
    testing::store_run(root_.path(), day(night) + "-run", run);
  }
  const Series& series_of(const History& history, const std::string& figure) {
    for (const auto& series : history.series)
      if (series.configuration == "fast" && series.figure == figure) return series;
    throw std::logic_error("no series of " + figure);
  }
  testing::TemporaryFolder root_;
};

TEST_F(StoredHistory, ReadsRunsOnceAndFollowsTheStore) {
  for (std::size_t i = 0; i < 20; ++i) store(i, i < 12 ? 0.97 : 0.93);
  const Series first = series_of(read_history(root_.path()), "ssim.ipol");
  ASSERT_EQ(first.changes.size(), 1u);
  EXPECT_EQ(first.nights[first.changes[0].night].folder, day(12) + "-run");
  EXPECT_FALSE(first.changes[0].better);
  EXPECT_EQ(first.changes[0].differences.at(0).what, "build");
  {
    store::Index index(root_.path());
    index.refresh();
    EXPECT_TRUE(index.folders_without_figures().empty());
  }
  std::filesystem::remove_all(root_.path() / (day(3) + "-run"));
  EXPECT_EQ(series_of(read_history(root_.path()), "ssim.ipol").nights.size(), 19u);
}

TEST_F(StoredHistory, ARunThatIsNotWhatItWasIsLeftOutAndNamed) {
  for (std::size_t i = 0; i < 3; ++i) store(i, 0.97);
  testing::edit_file(root_.path() / (day(1) + "-run") / "cells.jsonl", "0.97", "0.99");
  const History history = read_history(root_.path());
  EXPECT_EQ(series_of(history, "ssim.ipol").nights.size(), 2u);
  EXPECT_THAT(history.skipped, ElementsAre(HasSubstr("changed after it was stored")));
}

TEST_F(StoredHistory, UnfinishedRunsAndShardsDoNotCount) {
  store(0, 0.97);
  store::RunRecord open = testing::good_run(), shard = testing::good_run();
  open.complete = false;
  shard.shard = "1/2";
  testing::store_run(root_.path(), "open", open);
  testing::store_run(root_.path(), "shard", shard);
  EXPECT_EQ(series_of(read_history(root_.path()), "ssim.ipol").nights.size(), 1u);
}

}  // namespace
}  // namespace wan::history
