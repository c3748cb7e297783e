#include "harness/run/runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <new>
#include <set>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/sha256.h"
#include "engine/sampling/schedule.h"
#include "harness/gate/judge.h"
#include "harness/run/worker_lost.h"
#include "harness/store/record_json.h"
#include "tests/support/harness/fake_executor.h"
#include "tests/support/harness/records.h"
#include "tests/support/harness/runner_fixture.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::run {
namespace {

using store::CellStatus;
using testing::FakeEngine;

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

TEST_F(RunnerTest, DrivesCandidatesAlongTheirBaselinesTrajectory) {
  for (auto& cell : plan_.cells) cell.teacher_forced = cell.prompt == 0;
  const RunOutcome outcome = run();
  EXPECT_EQ(executor_.replays.size(), 2U) << "phase0 and fast, on one prompt";
  const auto* error = cell(outcome.record, 2, 0).scores.find("teacher_forced.relative_l2");
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->per_frame, (std::vector<double>{0.01, 0.02, 0.03, 0.04}));
  EXPECT_EQ(cell(outcome.record, 1, 0).scores.find("teacher_forced.relative_l2")->pooled.max, 0);
  EXPECT_EQ(cell(outcome.record, 2, 1).scores.find("teacher_forced.relative_l2"), nullptr);
  EXPECT_TRUE(cell(outcome.record, 0, 0).timed) << "the trajectory is made apart";
  EXPECT_EQ(executor_.generations.size(), 3U * 4 + 1);
  EXPECT_TRUE(executor_.generations[1].trajectory_file.empty());
  EXPECT_FALSE(executor_.generations[2].trajectory_file.empty());
  EXPECT_FALSE(std::filesystem::exists(path_ / "trajectories")) << "a finished run keeps none";
}

// A resumed run needs the trajectory of a baseline that the first visit finished.
TEST_F(RunnerTest, ResumedRunUsesOrRemakesTheTrajectory) {
  for (const bool lost : {false, true}) {
    executor_ = {};
    for (auto& cell : plan_.cells) cell.teacher_forced = cell.prompt == 0;
    cancel_at_generation(7);  // in phase0
    EXPECT_EQ(run().end, RunEnd::cancelled);
    if (lost) std::filesystem::remove_all(path_ / "trajectories");
    cancelled_ = {};
    executor_.loads.clear();
    const RunOutcome outcome = run(/*resume=*/true);
    EXPECT_EQ(outcome.end, RunEnd::finished);
    EXPECT_EQ(executor_.loads.size(), lost ? 3U : 2U);
    EXPECT_EQ(cell(outcome.record, 2, 0).scores.find("teacher_forced.relative_l2")->error, "");
  }
}

TEST_F(RunnerTest, ReplayThatFailsIsAScoreWithAReason) {
  for (auto& cell : plan_.cells) cell.teacher_forced = cell.prompt == 0;
  executor_.on_generate = [](const GenerationRequest& request, GenerationResult&) { std::filesystem::remove(request.trajectory_file); };
  const RunOutcome outcome = run();
  EXPECT_EQ(cell(outcome.record, 2, 0).status, CellStatus::done);
  EXPECT_NE(cell(outcome.record, 2, 0).scores.find("teacher_forced.relative_l2")->error.find("no such file"), std::string::npos);
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

TEST_F(RunnerTest, FailedBaselineLeavesCandidatesWithoutScores) {
  executor_.on_generate = [&](const GenerationRequest& request, GenerationResult&) {
    if (executor_.loads.size() % 3 == 1 && request.steps == 4 && request.prompt == "prompt number 0") throw std::runtime_error("x");
  };
  const RunOutcome outcome = run();
  EXPECT_EQ(cell(outcome.record, 2, 0).status, CellStatus::done);
  EXPECT_TRUE(cell(outcome.record, 2, 0).scores.scores.empty());
  EXPECT_FALSE(cell(outcome.record, 2, 1).scores.scores.empty());
  plan_.metrics = {"mse", "ssim.ipol"};
  const store::RunRecord again = run().record;
  const gate::GateResult gate = gate::judge(again)[2].quality_roadmap;
  const auto ssim = std::find_if(gate.criteria.begin(), gate.criteria.end(), [](const auto& one) { return one.name == "ssim.ipol"; });
  ASSERT_NE(ssim, gate.criteria.end());
  EXPECT_EQ(ssim->outcome, gate::Outcome::invalid);
}

TEST_F(RunnerTest, APromptThatAMetricCanReadIsHeldAgainstTheBaselinesClipToo) {
  plan_.metrics = {};
  plan_.prompts[1].text = "A red star moves left on a black background.";
  const store::RunRecord record = run().record;
  for (const std::size_t configuration : {0U, 2U}) {
    EXPECT_EQ(cell(record, configuration, 0).scores.find("adherence.world"), nullptr) << "of no such prompt";
    EXPECT_NE(cell(record, configuration, 1).scores.find("adherence.world"), nullptr);
  }
  EXPECT_EQ(cell(record, 0, 1).scores.find("mse"), nullptr) << "the baseline has no reference";
}

TEST_F(RunnerTest, APromptThatAMetricCannotReadIsNotMeasuredAndChangesNoVerdict) {
  const auto without = gate::judge(run().record);
  plan_.metrics.push_back("adherence.world");
  const store::RunRecord record = run().record;
  const metrics::Score* score = cell(record, 2, 0).scores.find("adherence.world");
  ASSERT_NE(score, nullptr);
  EXPECT_NE(score->error.find("world of shapes"), std::string::npos);
  const auto with = gate::judge(record);
  ASSERT_EQ(with.size(), without.size());
  for (std::size_t i = 0; i < with.size(); ++i) {
    EXPECT_EQ(with[i].quality_roadmap.outcome, without[i].quality_roadmap.outcome);
    EXPECT_EQ(with[i].quality_calibrated.outcome, without[i].quality_calibrated.outcome);
  }
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

TEST_F(RunnerTest, MetricThatFailsIsAScoreWithError) {
  plan_.metrics = {"mse", "no.such.metric"};
  const RunOutcome outcome = run();
  EXPECT_EQ(cell(outcome.record, 2, 0).status, CellStatus::done);
  ASSERT_NE(cell(outcome.record, 2, 0).scores.find("mse"), nullptr);
  EXPECT_FALSE(cell(outcome.record, 2, 0).scores.find("mse")->error.empty());
}

TEST_F(RunnerTest, CancelledAnywhereAndResumedGivesTheClipsAndScoresOfAnUndisturbedRun) {
  const RunOutcome whole = run();
  for (std::size_t n = 1; n <= 12; ++n) {
    executor_ = {};
    cancel_at_generation(n);
    const RunOutcome stopped = run();
    ASSERT_EQ(stopped.end, RunEnd::cancelled) << n;
    EXPECT_FALSE(stopped.record.complete);
    EXPECT_FALSE(executor_.loaded > 0);
    executor_ = {};
    cancelled_ = {};
    const RunOutcome resumed = run(/*resume=*/true);
    ASSERT_EQ(resumed.end, RunEnd::finished);
    EXPECT_EQ(resumed.record.run_id, stopped.record.run_id);
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 3; ++j) {
        const bool was_done = cell(stopped.record, i, j).status == CellStatus::done;
        EXPECT_EQ(cell(resumed.record, i, j).clip_hash, cell(whole.record, i, j).clip_hash);
        EXPECT_EQ(cell(resumed.record, i, j).scores, cell(whole.record, i, j).scores);
        EXPECT_EQ(cell(resumed.record, i, j).key, cell(whole.record, i, j).key);
        EXPECT_EQ(cell(resumed.record, i, j).timed, !was_done) << "times belong to a visit";
      }
    EXPECT_EQ(store::to_json(store::read_run(path_)), store::to_json(resumed.record));
  }
}

TEST_F(RunnerTest, ResumeAfterKillUsesWhatTheLogHolds) {
  // A kill leaves run.json as it was at the last load: the outcome is thrown away and the file put back.
  cancel_at_generation(7);
  executor_.on_generate = [&](const GenerationRequest&, GenerationResult&) {
    std::filesystem::copy_file(path_ / "run.json", root_.path() / "as_killed", std::filesystem::copy_options::overwrite_existing);
  };
  run();
  std::filesystem::copy_file(root_.path() / "as_killed", path_ / "run.json", std::filesystem::copy_options::overwrite_existing);
  executor_ = {};
  cancelled_ = {};
  const RunOutcome resumed = run(true);
  EXPECT_EQ(resumed.end, RunEnd::finished);
  EXPECT_EQ(executor_.loads, (std::vector<std::string>{"", "fp8"})) << "bf16 was finished before";
}

TEST_F(RunnerTest, ClipThatWentMissingIsMadeAnew) {
  cancel_at_generation(6);
  const RunOutcome stopped = run();
  std::filesystem::remove(path_ / cell(stopped.record, 0, 1).clip_file);
  executor_ = {};
  cancelled_ = {};
  const RunOutcome resumed = run(true);
  EXPECT_EQ(executor_.loads.size(), 3u);
  EXPECT_TRUE(cell(resumed.record, 0, 1).timed);
  EXPECT_FALSE(cell(resumed.record, 2, 1).scores.scores.empty());
}

TEST_F(RunnerTest, ResumedWithAnotherCheckpointIsRefused) {
  cancel_at_generation(6);
  run();
  executor_ = {};
  executor_.weights_hash = "other weights";
  cancelled_ = {};
  EXPECT_THROW(run(true), UsageError);
}

TEST_F(RunnerTest, LostDeviceStopsTheRunAndStaysResumable) {
  executor_.on_generate = [&](const GenerationRequest&, GenerationResult&) {
    if (executor_.generations.size() == 7) throw FatalCudaError(700, "illegal address");
  };
  const RunOutcome outcome = run();
  EXPECT_EQ(outcome.end, RunEnd::lost);
  EXPECT_EQ(cell(outcome.record, 1, 1).reason, "crash: illegal address");
  EXPECT_EQ(cell(outcome.record, 1, 2).status, CellStatus::interrupted);
  executor_ = {};
  EXPECT_EQ(run(true).end, RunEnd::finished);
}

TEST_F(RunnerTest, FullDiskStopsTheRunAndLosesNothingBefore) {
  std::unique_ptr<testing::FullDisk> full;
  executor_.on_generate = [&](const GenerationRequest&, GenerationResult&) {
    if (executor_.generations.size() == 7) full = std::make_unique<testing::FullDisk>(100);
  };
  EXPECT_THROW(run(), store::StorageError);
  full.reset();
  EXPECT_FALSE(executor_.loaded > 0);
  const store::RunRecord left = store::read_run(path_);
  EXPECT_EQ(cell(left, 0, 2).status, CellStatus::done);
  EXPECT_EQ(cell(left, 1, 0).status, CellStatus::done);
  EXPECT_EQ(cell(left, 1, 1).status, CellStatus::interrupted);
  executor_ = {};
  EXPECT_EQ(run(true).end, RunEnd::finished);
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

// ---- what is lost with a worker

TEST_F(RunnerTest, LostWorkerIsTriedTwiceMoreAndTheClipIsTheSame) {
  const store::RunRecord whole = run().record;
  executor_.outlives_faults = true;
  int left = 2;
  executor_.on_generate = [&](const GenerationRequest& request, GenerationResult&) {
    if (request.prompt == "prompt number 1" && request.steps == 4 && left > 0) {
      --left;
      throw testing::lost_worker();
    }
  };
  const RunOutcome outcome = run();
  EXPECT_EQ(outcome.end, RunEnd::finished);
  EXPECT_EQ(cell(outcome.record, 0, 1).status, CellStatus::done);
  EXPECT_EQ(cell(outcome.record, 0, 1).retries, std::vector<std::string>(2, "crash: the worker was killed by signal 9 (SIGKILL)"));
  EXPECT_EQ(cell(outcome.record, 0, 1).clip_hash, cell(whole, 0, 1).clip_hash);
  EXPECT_NE(said_.find("bf16 p1 seed 42: once more after crash: the worker was killed"), std::string::npos);
}

TEST_F(RunnerTest, LostForGoodIsARecordWithTheLastLinesAndFaultsOfItsOwnAreNotRetried) {
  executor_.outlives_faults = true;
  std::size_t asked = 0, ran_out = 0;
  executor_.on_generate = [&](const GenerationRequest& request, GenerationResult&) {
    if (request.steps != 4) return;
    if (request.prompt == "prompt number 1") ++asked, throw testing::lost_worker();
    if (request.prompt == "prompt number 2") ++ran_out, throw std::bad_alloc();
  };
  const RunOutcome outcome = run();
  EXPECT_EQ(outcome.end, RunEnd::finished);
  EXPECT_EQ(asked, 3U * 3);
  EXPECT_EQ(ran_out, 3U);
  EXPECT_EQ(cell(outcome.record, 1, 1).status, CellStatus::failed);
  EXPECT_EQ(cell(outcome.record, 1, 1).log_tail, (std::vector<std::string>{"last", "words"}));
  EXPECT_EQ(cell(outcome.record, 1, 2).retries, std::vector<std::string>{});
  EXPECT_EQ(store::to_json(store::read_run(path_)), store::to_json(outcome.record));
}

TEST_F(RunnerTest, ADeviceLostWithItsWorkerDoesNotEndTheRun) {
  executor_.outlives_faults = true;
  bool once = true;
  executor_.on_generate = [&](const GenerationRequest&, GenerationResult&) {
    if (std::exchange(once, false)) throw FatalCudaError(700, "illegal address");
  };
  EXPECT_EQ(run().end, RunEnd::finished);
  int loads = 0;
  executor_.on_load = [&](const LoadRequest&, LoadReport&) {
    if (++loads == 2) throw testing::lost_worker();
  };
  const RunOutcome outcome = run();
  EXPECT_EQ(cell(outcome.record, 1, 0).status, CellStatus::done) << "the load was repeated";
}

TEST_F(RunnerTest, AWarmUpThatLosesItsWorkerIsMadeOnceMoreOrTheFirstClipWouldBeTimedCold) {
  executor_.outlives_faults = true;
  bool once = true;
  executor_.on_generate = [&](const GenerationRequest& request, GenerationResult&) {
    if (request.steps == kWarmupSteps && std::exchange(once, false)) throw testing::lost_worker();
  };
  run();
  EXPECT_EQ(executor_.generations.at(1).steps, kWarmupSteps);
  EXPECT_EQ(executor_.generations.at(2).steps, 4);
}

TEST_F(RunnerTest, TrajectoriesOutliveALostWorker) {
  for (auto& cell : plan_.cells) cell.teacher_forced = cell.prompt == 0;
  const store::RunRecord whole = run().record;
  executor_.outlives_faults = true;
  bool once = true;
  executor_.on_generate = [&](const GenerationRequest& request, GenerationResult&) {
    if (request.trajectory_file.empty() || !std::exchange(once, false)) return;
    std::filesystem::remove(request.trajectory_file);
    throw testing::lost_worker();
  };
  const store::RunRecord record = run().record;
  EXPECT_FALSE(once);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(cell(record, i, 0).scores, cell(whole, i, 0).scores);
}

TEST_F(RunnerTest, TrajectoriesOutliveADiskThatIsFullWhenTheRunIsClosed) {
  for (auto& cell : plan_.cells) cell.teacher_forced = cell.prompt == 0;
  std::size_t looks = 0, last_look = 0;
  std::unique_ptr<testing::FullDisk> full;
  now_s_ = [&] {
    if (++looks == last_look) full = std::make_unique<testing::FullDisk>(10);
    return 0.0;
  };
  run();
  last_look = std::exchange(looks, 0);  // before run.json is written for the last time
  EXPECT_THROW(run(), store::StorageError);
  full.reset();
  executor_.generations.clear();
  EXPECT_EQ(run(/*resume=*/true).end, RunEnd::finished);
  EXPECT_EQ(executor_.generations.size(), 0U) << "nothing was lost";
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
