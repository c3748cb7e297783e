#include "harness/store/result_store.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "engine/base/error.h"
#include "harness/store/cell_log.h"
#include "harness/store/record_json.h"
#include "tests/support/harness/records.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::store {
namespace {

using testing::TemporaryFolder;

// Everything still to come, as a runner writes it at the start.
RunRecord planned_run() {
  RunRecord run = testing::good_run();
  run.plan_hash = "0123456789abcdef";
  run.complete = false;
  for (auto& configuration : run.configurations)
    for (auto& cell : configuration.cells)
      cell = {.configuration = cell.configuration,
              .prompt = cell.prompt,
              .category = cell.category,
              .seed = cell.seed,
              .key = cell.key,
              .status = CellStatus::interrupted};
  return run;
}

void append_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::app | std::ios::binary) << text;
}

TEST(ResultStore, FolderNameTellsTimeLabelAndPlan) {
  const TemporaryFolder root;
  const RunFolder folder = RunFolder::create(root.path() / "runs", planned_run(), "tier 2/x");
  const std::string name = folder.path().filename().string();
  EXPECT_EQ(name.substr(8, 1), "T");
  EXPECT_EQ(name.substr(15), "Z-tier_2_x-01234567");
  EXPECT_EQ(folder.record().run_id, name);
  const RunFolder second = RunFolder::create(root.path() / "runs", planned_run(), "tier 2/x");
  EXPECT_NE(second.path(), folder.path());
}

TEST(ResultStore, UtcIsUtc) {
  EXPECT_EQ(utc_stamp(0), "19700101T000000Z");
  EXPECT_EQ(utc_iso8601(1769903999), "2026-01-31T23:59:59Z");
}

TEST(ResultStore, WhatWasAppendedIsReadBackOverThePlan) {
  const TemporaryFolder root;
  RunFolder folder = RunFolder::create(root.path(), planned_run(), "2");
  const Cell cell = testing::good_run().configurations[3].cells[4];
  folder.append(cell);
  const RunRecord back = read_run(folder.path());
  EXPECT_EQ(to_json_line(back.configurations[3].cells[4]), to_json_line(cell));
  EXPECT_EQ(back.configurations[3].cells[3].status, CellStatus::interrupted);
  EXPECT_FALSE(back.complete);
}

TEST(ResultStore, LaterLineOfACellWins) {
  const TemporaryFolder root;
  RunFolder folder = RunFolder::create(root.path(), planned_run(), "2");
  Cell cell = testing::good_run().configurations[3].cells[4];
  testing::fail(cell, "crash: first time");
  folder.append(cell);
  folder.append(testing::good_run().configurations[3].cells[4]);
  EXPECT_EQ(read_run(folder.path()).configurations[3].cells[4].status, CellStatus::done);
}

TEST(ResultStore, ResumesTheLatestUnfinishedRunOfThePlan) {
  const TemporaryFolder root;
  std::filesystem::path latest;
  {
    RunFolder folder = RunFolder::create(root.path(), planned_run(), "2");
    folder.append(testing::good_run().configurations[0].cells[0]);
    RunFolder newer = RunFolder::create(root.path(), planned_run(), "2");
    newer.append(testing::good_run().configurations[0].cells[1]);
    latest = newer.path();
  }
  EXPECT_FALSE(RunFolder::resume(root.path(), "another plan").has_value());
  EXPECT_FALSE(RunFolder::resume(root.path() / "absent", "0123456789abcdef").has_value());
  const auto resumed = RunFolder::resume(root.path(), "0123456789abcdef");
  ASSERT_TRUE(resumed.has_value());
  EXPECT_EQ(resumed->path(), latest);
  EXPECT_EQ(resumed->record().configurations[0].cells[0].status, CellStatus::interrupted);
  EXPECT_EQ(resumed->record().configurations[0].cells[1].status, CellStatus::done);
}

TEST(ResultStore, FinishedForeignAndBrokenRunsAreNotResumed) {
  const TemporaryFolder root;
  {
    RunFolder folder = RunFolder::create(root.path(), planned_run(), "2");
    RunRecord complete = folder.record();
    complete.complete = true;
    folder.write(complete);
  }
  std::filesystem::create_directory(root.path() / "99991231T000000Z-2-broken");
  append_text(root.path() / "99991231T000000Z-2-broken/run.json", "{\"schema\": 99}");
  EXPECT_FALSE(RunFolder::resume(root.path(), "0123456789abcdef").has_value());
}

TEST(ResultStore, RunThatIsBeingWrittenIsNotResumed) {
  const TemporaryFolder root;
  const RunFolder folder = RunFolder::create(root.path(), planned_run(), "2");
  EXPECT_FALSE(RunFolder::resume(root.path(), "0123456789abcdef").has_value());
}

TEST(ResultStore, TornLastLineIsDroppedAndCutOffBeforeGoingOn) {
  for (const std::string& torn : {std::string("{\"configuration\": \"fas"), std::string("{}\n"), std::string(4096, '\0')}) {
    const TemporaryFolder root;
    std::filesystem::path path;
    {
      RunFolder folder = RunFolder::create(root.path(), planned_run(), "2");
      path = folder.path();
      folder.append(testing::good_run().configurations[0].cells[0]);
    }
    append_text(path / "cells.jsonl", torn);
    EXPECT_EQ(read_run(path).configurations[0].cells[0].status, CellStatus::done);
    {
      auto resumed = RunFolder::resume(root.path(), "0123456789abcdef");
      ASSERT_TRUE(resumed.has_value());
      resumed->append(testing::good_run().configurations[0].cells[1]);
    }
    EXPECT_EQ(read_cell_log(path / "cells.jsonl").entries.size(), 2u);
  }
}

TEST(ResultStore, BrokenLineInTheMiddleIsRefusedWithItsNumber) {
  const TemporaryFolder root;
  RunFolder folder = RunFolder::create(root.path(), planned_run(), "2");
  append_text(folder.path() / "cells.jsonl", "{\"half\n");
  folder.append(testing::good_run().configurations[0].cells[0]);
  try {
    read_run(folder.path());
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("cells.jsonl:1"), std::string::npos) << error.what();
  }
}

TEST(ResultStore, FullDiskLosesNothingThatWasThere) {
  const TemporaryFolder root;
  RunFolder folder = RunFolder::create(root.path(), planned_run(), "2");
  folder.append(testing::good_run().configurations[0].cells[0]);
  const auto size = std::filesystem::file_size(folder.path() / "cells.jsonl");
  {
    const testing::FullDisk full(size + 10);  // ten bytes of the next line go out before the error
    EXPECT_THROW(folder.append(testing::good_run().configurations[0].cells[1]), StorageError);
    EXPECT_THROW(folder.write(planned_run()), StorageError);
  }
  EXPECT_EQ(std::filesystem::file_size(folder.path() / "cells.jsonl"), size);
  folder.append(testing::good_run().configurations[0].cells[2]);
  const RunRecord back = read_run(folder.path());
  EXPECT_EQ(back.configurations[0].cells[0].status, CellStatus::done);
  EXPECT_EQ(back.configurations[0].cells[1].status, CellStatus::interrupted);
  EXPECT_EQ(back.configurations[0].cells[2].status, CellStatus::done);
}

TEST(ResultStore, UnwritableRootIsAStorageError) {
  const TemporaryFolder root;
  append_text(root.path() / "file", "not a folder");
  EXPECT_THROW(RunFolder::create(root.path() / "file", planned_run(), "2"), StorageError);
}

TEST(ResultStore, KillLosesAtMostTheCellThatWasBeingWritten) {
  const TemporaryFolder root;
  int acknowledged[2];
  ASSERT_EQ(::pipe(acknowledged), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    RunFolder folder = RunFolder::create(root.path(), planned_run(), "2");
    for (const auto& configuration : testing::good_run().configurations)
      for (const auto& cell : configuration.cells) {
        folder.append(cell);
        if (::write(acknowledged[1], "x", 1) != 1) ::_exit(1);
      }
    ::pause();
    ::_exit(0);
  }
  ::close(acknowledged[1]);
  char byte = 0;
  for (int i = 0; i < 7; ++i) ASSERT_EQ(::read(acknowledged[0], &byte, 1), 1);
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  ::waitpid(child, nullptr, 0);
  std::size_t promised = 7;
  while (::read(acknowledged[0], &byte, 1) == 1) ++promised;
  ::close(acknowledged[0]);
  const auto resumed = RunFolder::resume(root.path(), "0123456789abcdef");
  ASSERT_TRUE(resumed.has_value());
  EXPECT_GE(read_cell_log(resumed->path() / "cells.jsonl").entries.size(), promised);
}

TEST(ResultStore, WhatIsNoRunIsRefused) {
  const TemporaryFolder root;
  EXPECT_THROW(read_run(root.path()), UsageError);
  EXPECT_THROW(read_run(root.path() / "absent"), UsageError);
  append_text(root.path() / "export.json", to_json(testing::good_run()));
  EXPECT_EQ(read_run(root.path() / "export.json").run_id, testing::good_run().run_id);
}

}  // namespace
}  // namespace wan::store
