// Shards from the plan to the joined run, over executors without an engine.
#include <gtest/gtest.h>

#include "harness/plan/schedule.h"
#include "harness/plan/shard.h"
#include "harness/run/runner.h"
#include "harness/store/merge.h"
#include "tests/support/harness/fake_executor.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::run {
namespace {

class ShardsTest : public ::testing::Test {
 protected:
  store::RunRecord run(const plan::RunPlan& plan, const plan::Schedule& schedule, const store::RunRecord& planned) {
    store::RunFolder folder = store::RunFolder::create(root_.path(), planned, "shard");
    Reporter reporter({}, Eta{}, plan.cells.size());
    Runner({.plan = plan,
            .schedule = schedule,
            .request = request_,
            .make_executor = [this] { return engine_.make(); },
            .residents = {},
            .folder = folder,
            .reporter = reporter})
        .run();
    return store::read_run(folder.path());
  }
  testing::TemporaryFolder root_;
  testing::FakeEngine engine_;
  RunRequest request_ = testing::small_request();
};

TEST_F(ShardsTest, WhatOneMachineMakesAndWhatThreeMakeAndJoinIsTheSame) {
  const plan::RunPlan plan = testing::small_plan();
  const store::RunRecord planned = make_record(plan, plan::in_plan_order(plan), request_);
  const store::RunRecord whole = run(plan, plan::in_plan_order(plan), planned);
  std::vector<store::MergePart> parts;
  for (std::size_t i = 1; i <= 3; ++i) {
    const plan::RunPlan part = plan::take_shard(plan, {i, 3}, {});
    const plan::Schedule schedule = plan::in_plan_order(part);
    parts.push_back({.name = std::to_string(i), .record = run(part, schedule, make_shard_record(planned, part, schedule, {i, 3}))});
  }
  const store::RunRecord merged = store::merge_runs(parts, store::Missing::refused);
  EXPECT_TRUE(merged.complete);
  EXPECT_EQ(merged.plan_hash, whole.plan_hash);
  EXPECT_EQ(merged.blocks, 3);
  ASSERT_EQ(merged.visits.size(), 9U);
  EXPECT_EQ(merged.visits[0].block, 0);
  EXPECT_EQ(merged.visits[8].block, 2);
  ASSERT_EQ(merged.configurations.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_EQ(merged.configurations[i].cells.size(), 3U);
    for (std::size_t j = 0; j < 3; ++j) {
      const store::Cell &joined = merged.configurations[i].cells[j], &one = whole.configurations[i].cells[j];
      EXPECT_EQ(joined.key, one.key);
      EXPECT_EQ(joined.clip_hash, one.clip_hash);
      EXPECT_EQ(joined.scores, one.scores);
    }
  }
}

}  // namespace
}  // namespace wan::run
