#include "harness/run/costs.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/harness/records.h"
#include "tests/support/harness/run_folders.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::run {
namespace {

// good_run(): 6 clips each of 1.2, 1.2, 1.0 and 0.5 s, no load times.
constexpr double kClips_s = 6 * (1.2 + 1.2 + 1.0 + 0.5);

void put(const std::filesystem::path& root, const std::string& name, const store::RunRecord& run) { testing::store_run(root, name, run); }

TEST(Costs, LatestMatchingRunCountsWithItsSurcharge) {
  const testing::TemporaryFolder root;
  store::RunRecord run = testing::good_run();
  run.elapsed_s = 2 * kClips_s;  // as much again for scoring
  put(root.path(), "20260101T000000Z-2-a", run);
  plan::Costs costs = recorded_costs(root.path(), run);
  EXPECT_NEAR(costs.clip_s.at("fast"), 1.0, 1e-12);
  EXPECT_NEAR(costs.clip_s.at("bf16"), 2.4, 1e-12);
  for (auto& cell : testing::candidate(run).cells) cell.elapsed_s = 1.5;
  run.elapsed_s = kClips_s + 6;
  put(root.path(), "20260102T000000Z-2-a", run);
  costs = recorded_costs(root.path(), run);
  EXPECT_NEAR(costs.clip_s.at("fast"), 1.5, 1e-12) << "the later run";
}

TEST(Costs, TimedStepsCountBesideTheClips) {
  const testing::TemporaryFolder root;
  store::RunRecord run = testing::good_run();
  testing::visit_by_steps(run);
  for (auto& visit : run.visits) visit.steps->run_s = {0.25};
  run.elapsed_s = 2 * (kClips_s + 24 * 0.25);
  put(root.path(), "20260101T000000Z-2-a", run);
  EXPECT_NEAR(recorded_costs(root.path(), run).clip_s.at("fast"), 1.0, 1e-12);
  EXPECT_NEAR(recorded_costs(root.path(), run).steps_s.at("fast"), 0.5, 1e-12);
  run.steps_a_visit = 1;
  EXPECT_TRUE(recorded_costs(root.path(), run).steps_s.empty()) << "other steps";
  EXPECT_NEAR(recorded_costs(root.path(), run).clip_s.at("fast"), 1.0, 1e-12);
}

TEST(Costs, OtherModelsResumedAndBrokenRunsDoNotCount) {
  const testing::TemporaryFolder root;
  store::RunRecord run = testing::good_run();
  run.elapsed_s = kClips_s;
  run.model = "other";
  put(root.path(), "20260101T000000Z-2-a", run);
  run.model.clear();
  run.shape.steps = 50;
  put(root.path(), "20260101T000000Z-2-b", run);
  run.shape.steps = 0;
  run.configurations[3].cells[0].timed = false;
  put(root.path(), "20260101T000000Z-2-c", run);
  run = testing::good_run();
  run.complete = false;
  put(root.path(), "20260101T000000Z-2-d", run);
  std::ofstream(root.path() / "20260101T000000Z-2-e") << "no folder";
  EXPECT_TRUE(recorded_costs(root.path(), testing::good_run()).clip_s.empty());
  EXPECT_TRUE(recorded_costs(root.path() / "absent", testing::good_run()).clip_s.empty());
}

}  // namespace
}  // namespace wan::run
