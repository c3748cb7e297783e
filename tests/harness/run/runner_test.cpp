#include "harness/run/runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/sampling/schedule.h"
#include "harness/gate/judge.h"
#include "harness/store/record_json.h"
#include "tests/support/harness/runner_fixture.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::run {
namespace {

using store::CellStatus;
using testing::RunnerTest;

TEST_F(RunnerTest, MakesKeepsAndScoresEveryCell) {
  const RunOutcome outcome = run();
  EXPECT_EQ(outcome.end, RunEnd::finished);
  EXPECT_TRUE(outcome.record.complete);
  EXPECT_EQ(outcome.record.weights_hash, "weights");
  EXPECT_EQ(executor_.loads, (std::vector<std::string>{"", "", "fp8"})) << "one load a configuration, in the plan's order";
  EXPECT_FALSE(executor_.loaded > 0);
  for (const auto& configuration : outcome.record.configurations) {
    EXPECT_DOUBLE_EQ(configuration.load_s, 0.5);
    for (const auto& one : configuration.cells) {
      EXPECT_EQ(one.status, CellStatus::done);
      EXPECT_TRUE(one.timed);
      EXPECT_GT(one.elapsed_s, 0);
      EXPECT_EQ(one.transformer_forwards, 8);
      EXPECT_TRUE(std::filesystem::exists(path_ / one.clip_file));
    }
  }
  EXPECT_TRUE(cell(outcome.record, 0, 0).scores.scores.empty()) << "a baseline has nothing to be compared with";
  EXPECT_EQ(cell(outcome.record, 1, 0).scores.find("mse")->pooled.mean, 0);
  EXPECT_DOUBLE_EQ(cell(outcome.record, 2, 0).scores.find("mse")->pooled.mean, 0.125) << "one in eight values differs by one";
  EXPECT_NE(cell(outcome.record, 0, 0).clip_hash, cell(outcome.record, 2, 0).clip_hash);
  EXPECT_EQ(store::to_json(store::read_run(path_)), store::to_json(outcome.record));
}

TEST_F(RunnerTest, WarmsUpOnceALoadWithFewSteps) {
  run();
  ASSERT_EQ(executor_.generations.size(), 3u * (1 + 3));
  for (std::size_t i = 0; i < executor_.generations.size(); ++i) EXPECT_EQ(executor_.generations[i].steps, i % 4 == 0 ? kWarmupSteps : 4);
}

// Or the first step of the other expert would be in a timed clip.
TEST(WarmUp, TouchesBothExpertsAtEveryModelsShift) {
  constexpr double kBoundary = 0.875;
  for (const double shift : {3.0, 5.0, 8.0, 12.0})
    for (const auto reference : {Reference::official, Reference::diffusers})
      for (const auto solver : {Solver::unipc, Solver::dpmpp, Solver::euler}) {
        const auto schedule = sampling::make_schedule(solver, reference, kWarmupSteps, shift);
        EXPECT_GE(schedule.timesteps.front(), kBoundary * static_cast<double>(schedule.train_steps)) << shift;
        EXPECT_LT(schedule.timesteps.back(), kBoundary * static_cast<double>(schedule.train_steps)) << shift;
      }
}

TEST_F(RunnerTest, FailedClipIsARecordWithAReasonAndTheRunGoesOn) {
  const std::vector<std::pair<std::function<void()>, std::string>> failures{
      {[] { throw UsageError("no such noise file"); }, "usage: no such noise file"},
      {[] { throw std::runtime_error("broken\nstack"); }, "crash: broken"},
      {[] { throw std::bad_alloc(); }, "oom: std::bad_alloc"},
      {[] { throw std::runtime_error("CUDA out of memory. Tried"); }, "oom: CUDA out of memory. Tried"}};
  for (const auto& [fail, reason] : failures) {
    executor_.on_generate = [&](const GenerationRequest& request, GenerationResult&) {
      if (request.prompt == "prompt number 1" && request.steps == 4) fail();
    };
    const RunOutcome outcome = run();
    EXPECT_EQ(outcome.end, RunEnd::finished);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(cell(outcome.record, i, 1).status, CellStatus::failed);
      EXPECT_EQ(cell(outcome.record, i, 1).reason, reason);
      EXPECT_FALSE(cell(outcome.record, i, 1).timed);
      EXPECT_EQ(cell(outcome.record, i, 2).status, CellStatus::done);
    }
  }
}

TEST_F(RunnerTest, FailedLoadFailsItsCellsAndTheRunGoesOn) {
  executor_.on_load = [](const LoadRequest& request, LoadReport&) {
    if (!request.optimizations.empty()) throw UsageError("fp8 needs --device cuda under --strict");
  };
  const RunOutcome outcome = run();
  EXPECT_EQ(outcome.end, RunEnd::finished);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(cell(outcome.record, 2, i).reason, "usage: fp8 needs --device cuda under --strict");
  EXPECT_EQ(cell(outcome.record, 1, 2).status, CellStatus::done);
  EXPECT_EQ(gate::judge(outcome.record)[2].overall, gate::Outcome::invalid);
}

TEST_F(RunnerTest, NonfiniteValuesFailTheCellAndAreCounted) {
  executor_.on_generate = [](const GenerationRequest& request, GenerationResult& result) {
    if (request.prompt == "prompt number 2") {
      result.nonfinite_latents = 5;
      result.clip.nonfinite_values = 7;
    }
  };
  const RunOutcome outcome = run();
  EXPECT_EQ(cell(outcome.record, 2, 2).nonfinite, 12);
  EXPECT_EQ(cell(outcome.record, 2, 2).status, CellStatus::failed);
  EXPECT_EQ(cell(outcome.record, 2, 2).reason, "nan: 5 values in the latents and 7 in the clip are NaN or infinite");
  EXPECT_FALSE(cell(outcome.record, 2, 2).clip_file.empty()) << "somebody will want to see it";
}

TEST_F(RunnerTest, FallbacksAreRecordedAndMakeSpeedUnclaimable) {
  executor_.on_load = [](const LoadRequest& request, LoadReport& report) {
    report.fallbacks = {"fa2: math, no GPU"};
    if (!request.optimizations.empty()) report.emulations = {"fp8: emulated, the CPU has none"};
  };
  executor_.on_generate = [](const GenerationRequest&, GenerationResult& result) { result.fallbacks = {"block 3 redone in BF16"}; };
  const RunOutcome outcome = run();
  EXPECT_EQ(outcome.record.configurations[2].speed_claimable, "fp8: emulated, the CPU has none");
  EXPECT_EQ(outcome.record.configurations[2].fallbacks, (std::vector<std::string>{"fa2: math, no GPU", "fp8: emulated, the CPU has none"}));
  EXPECT_EQ(cell(outcome.record, 1, 0).fallbacks, std::vector<std::string>{"block 3 redone in BF16"});
}

TEST_F(RunnerTest, FallbackThatTheSpeedBaselineSharesIsNoObstacle) {
  executor_.on_load = [](const LoadRequest&, LoadReport& report) { report.fallbacks = {"fa2: math, no GPU"}; };
  EXPECT_EQ(run().record.configurations[2].speed_claimable, "");
  executor_.on_load = [](const LoadRequest& request, LoadReport& report) {
    report.fallbacks = {"fa2: math, no GPU"};
    if (!request.optimizations.empty()) report.fallbacks.push_back("fa3: math, no GPU");
  };
  EXPECT_EQ(run().record.configurations[2].speed_claimable, "fa3: math, no GPU");
}

TEST_F(RunnerTest, WorkPerCellDoesNotGrowWithTheRun) {
  // Overhead is bounded by counting: one generation and one line a cell, one rewrite of run.json a load.
  plan_ = testing::small_plan(20, {"null"});
  const RunOutcome outcome = run();
  EXPECT_EQ(executor_.generations.size(), 3u * 21);
  std::size_t lines = 0;
  for (const char letter : testing::read_file(path_ / "cells.jsonl")) lines += letter == '\n';
  EXPECT_EQ(lines, 60u);
  EXPECT_EQ(outcome.end, RunEnd::finished);
}

TEST_F(RunnerTest, SaysOneLineACellWithoutATerminal) {
  run();
  EXPECT_EQ(std::count(said_.begin(), said_.end(), '\n'), 9);
  EXPECT_NE(said_.find("[9/9] fast  p2  seed 42"), std::string::npos) << said_;
  EXPECT_EQ(said_.find('\r'), std::string::npos);
  EXPECT_NE(said_.find("to go"), std::string::npos);
}

TEST_F(RunnerTest, WhatTheMachineDidStandsWithEachVisit) {
  int begun = 0, ended = 0;
  observe_ = [&] {
    ++begun;
    return [&] { return machine::Covariates{.elapsed_s = static_cast<double>(++ended)}; };
  };
  const RunOutcome outcome = run();
  EXPECT_EQ(begun, 3);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(outcome.record.visits.at(i).covariates->elapsed_s, static_cast<double>(i + 1));
  EXPECT_EQ(store::to_json(store::read_run(path_)), store::to_json(outcome.record));
}

}  // namespace
}  // namespace wan::run
