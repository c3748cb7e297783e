// Runs whose workers are lost on the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/run/process_executor.h"
#include "harness/run/runner.h"
#include "tests/support/harness/fake_executor.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::run {
namespace {

using ::testing::StartsWith;

RunOutcome run_with_workers_that(const std::string& fault, const testing::TemporaryFolder& root) {
  const plan::RunPlan plan = testing::small_plan(2, {"null"});
  const plan::Schedule schedule = plan::in_plan_order(plan);
  const RunRequest request = testing::small_request();
  store::RunFolder folder = store::RunFolder::create(root.path(), make_record(plan, schedule, request), "2");
  Reporter reporter({}, Eta{}, plan.cells.size());
  return Runner({.plan = plan,
                 .schedule = schedule,
                 .request = request,
                 .make_executor =
                     [&] {
                       return make_process_executor({.program = std::string(WAN_BINARY_DIR) + "/bin/wan-eval",
                                                     .worker_arguments = {"--null", "--fault=" + fault},
                                                     .forward_log = false});
                     },
                 .residents = {},
                 .folder = folder,
                 .reporter = reporter})
      .run();
}

TEST(WorkerRun, ALostWorkerIsReplacedAndItsClipMade) {
  const testing::TemporaryFolder root;
  const RunOutcome outcome = run_with_workers_that("segfault@3", root);  // a warm-up and a clip go well
  EXPECT_EQ(outcome.end, RunEnd::finished);
  for (const auto& configuration : outcome.record.configurations) {
    EXPECT_EQ(configuration.cells.at(1).status, store::CellStatus::done);
    ASSERT_EQ(configuration.cells.at(1).retries.size(), 1U);
    EXPECT_THAT(configuration.cells.at(1).retries[0], StartsWith("crash: the worker was killed by signal 11 (SIGSEGV)"));
  }
}

TEST(WorkerRun, WorkersThatAreLostAgainAndAgainAreARecord) {
  const testing::TemporaryFolder root;
  const RunOutcome outcome = run_with_workers_that("segfault@2", root);
  EXPECT_EQ(outcome.end, RunEnd::finished);
  for (const auto& configuration : outcome.record.configurations)
    for (const auto& cell : configuration.cells) {
      EXPECT_THAT(cell.reason, StartsWith("crash: the worker was killed by signal 11 (SIGSEGV)"));
      EXPECT_EQ(cell.retries.size(), 2U);
    }
}

}  // namespace
}  // namespace wan::run
