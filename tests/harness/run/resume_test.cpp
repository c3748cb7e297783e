// Runs that end before their time and go on later.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "harness/store/record_json.h"
#include "tests/support/harness/runner_fixture.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::run {
namespace {

using store::CellStatus;
using testing::RunnerTest;

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

}  // namespace
}  // namespace wan::run
