#include "harness/store/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/error.h"
#include "harness/store/record_json.h"
#include "harness/store/result_store.h"
#include "tests/support/harness/records.h"
#include "tests/support/harness/run_folders.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::store {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// The shard of good_run() that makes every second prompt, from `index` on.
MergePart shard(std::size_t index) {
  RunRecord run = testing::good_run();
  run.plan_hash = "plan";
  run.weights_hash = "weights";
  run.device_class = "GPU";
  run.environment.build_id = "build";
  run.environment.started_at = "2026-01-0" + std::to_string(index) + "T00:00:00Z";
  run.shard = std::to_string(index) + "/2";
  run.command = "wan-eval --shard " + run.shard;
  run.elapsed_s = 10;
  for (auto& configuration : run.configurations) {
    std::vector<Cell> own;
    for (std::size_t i = 0; i < configuration.cells.size(); ++i) {
      if (i % 2 == index - 1)
        own.push_back(configuration.cells[i]);
      else
        configuration.elsewhere.push_back(configuration.cells[i].prompt + " 42");
    }
    configuration.cells = own;
    configuration.load_s = static_cast<double>(index);
  }
  return {.name = "shard" + std::to_string(index), .record = run};
}

std::string fault_of(const std::vector<MergePart>& parts, Missing missing = Missing::refused) {
  try {
    merge_runs(parts, missing);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Merge, ShardsBecomeTheWholeRunInWhateverOrder) {
  for (const auto& parts : {std::vector{shard(1), shard(2)}, std::vector{shard(2), shard(1)}}) {
    const RunRecord merged = merge_runs(parts, Missing::refused);
    EXPECT_TRUE(merged.complete);
    EXPECT_TRUE(merged.shard.empty());
    EXPECT_EQ(merged.environment.started_at, "2026-01-01T00:00:00Z");
    EXPECT_EQ(merged.elapsed_s, 20);
    const RunRecord whole = testing::good_run();
    ASSERT_EQ(merged.configurations.size(), whole.configurations.size());
    for (std::size_t i = 0; i < whole.configurations.size(); ++i) {
      ASSERT_EQ(merged.configurations[i].cells.size(), whole.configurations[i].cells.size());
      EXPECT_TRUE(merged.configurations[i].elsewhere.empty());
      EXPECT_EQ(merged.configurations[i].load_s, 2);
      for (std::size_t j = 0; j < whole.configurations[i].cells.size(); ++j)
        EXPECT_EQ(to_json_line(merged.configurations[i].cells[j]), to_json_line(whole.configurations[i].cells[j]));
    }
  }
}

TEST(Merge, MergedRunIsStoredWithTheSealsThatItsShardsHad) {
  const testing::TemporaryFolder root;
  const RunRecord first = read_run(testing::store_run(root.path(), "first", shard(1).record));
  const RunRecord second = read_run(testing::store_run(root.path(), "second", shard(2).record));
  const RunRecord merged = merge_runs(std::vector<MergePart>{{"first", first}, {"second", second}}, Missing::refused);
  const RunRecord back = read_run(testing::store_run(root.path(), "merged", merged));
  EXPECT_EQ(back.configurations[3].cells[0].seal, first.configurations[3].cells[0].seal);
  EXPECT_EQ(back.configurations[3].cells[1].seal, second.configurations[3].cells[0].seal);
}

TEST(Merge, WhatDoesNotBelongTogetherIsRefused) {
  const auto altered = [](auto change) {
    MergePart part = shard(2);
    change(part.record);
    return std::vector{shard(1), part};
  };
  EXPECT_THAT(fault_of(altered([](RunRecord& run) { run.environment.build_id = "new"; })),
              HasSubstr("shard1 and shard2 are of different build: build and new"));
  EXPECT_THAT(fault_of(altered([](RunRecord& run) { run.device_class = "other GPU"; })),
              HasSubstr("different class of machine: GPU and other GPU"));
  EXPECT_THAT(fault_of(altered([](RunRecord& run) { run.plan_hash = "x"; })), HasSubstr("different request"));
  EXPECT_THAT(fault_of(altered([](RunRecord& run) { run.weights_hash = "x"; })), HasSubstr("different weights"));
  EXPECT_THAT(fault_of(altered([](RunRecord& run) { run.shard = "2/3"; })), HasSubstr("different number of shards: 2 and 3"));
  EXPECT_THAT(fault_of(altered([](RunRecord& run) { run.shard = "x"; })), HasSubstr("expected i/N"));
  EXPECT_THAT(fault_of(altered([](RunRecord& run) { run.shard.clear(); })), HasSubstr("shard2: is no shard"));
  EXPECT_THAT(fault_of(altered([](RunRecord& run) { run.configurations[0].cells.push_back(shard(1).record.configurations[0].cells[0]); })),
              HasSubstr("shard1 and shard2 overlap: both hold bf16, prompt p1, seed 42"));
  EXPECT_THAT(fault_of(altered([](RunRecord& run) { run.configurations[0].cells[0].prompt = "p9"; })), ::testing::Not("accepted"));
  EXPECT_THAT(fault_of({shard(1), shard(1)}), HasSubstr("overlap"));
  EXPECT_THAT(fault_of({}), HasSubstr("no run is given"));
}

TEST(Merge, MissingCellsAreNamedOrLeftForResume) {
  EXPECT_THAT(fault_of({shard(1)}), AllOf(HasSubstr("12 cells are missing: bf16, prompt p2, seed 42; "), HasSubstr("(no shard 2/2)")));
  MergePart open = shard(2);
  open.record.complete = false;
  open.record.configurations[3].cells[1].status = CellStatus::interrupted;
  EXPECT_THAT(fault_of({shard(1), open}), HasSubstr("1 cells are missing: fast, prompt p4, seed 42;"));
  const RunRecord partial = merge_runs(std::vector{shard(1)}, Missing::interrupted);
  EXPECT_FALSE(partial.complete);
  EXPECT_EQ(partial.configurations[3].cells.size(), 6u);
  EXPECT_EQ(partial.configurations[3].cells[1].status, CellStatus::interrupted);
  EXPECT_EQ(partial.configurations[3].cells[1].category, "nature");
}

}  // namespace
}  // namespace wan::store
