// What is lost with a worker or a device, and tried again.
#include <gtest/gtest.h>

#include <new>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "harness/store/record_json.h"
#include "tests/support/harness/runner_fixture.h"

namespace wan::run {
namespace {

using store::CellStatus;
using testing::RunnerTest;

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

}  // namespace
}  // namespace wan::run
