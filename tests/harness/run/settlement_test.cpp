// Runs whose clips wait for others: scores against a baseline, and candidates driven along its trajectory.
#include "harness/run/settlement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/gate/judge.h"
#include "tests/support/harness/runner_fixture.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::run {
namespace {

using store::CellStatus;
using testing::RunnerTest;

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

TEST_F(RunnerTest, MetricThatFailsIsAScoreWithError) {
  plan_.metrics = {"mse", "no.such.metric"};
  const RunOutcome outcome = run();
  EXPECT_EQ(cell(outcome.record, 2, 0).status, CellStatus::done);
  ASSERT_NE(cell(outcome.record, 2, 0).scores.find("mse"), nullptr);
  EXPECT_FALSE(cell(outcome.record, 2, 0).scores.find("mse")->error.empty());
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

}  // namespace
}  // namespace wan::run
