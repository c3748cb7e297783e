#include "harness/store/result_store.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <optional>
#include <thread>

#include "engine/base/error.h"
#include "harness/store/cell_log.h"
#include "harness/store/record_json.h"
#include "tests/support/harness/records.h"
#include "tests/support/harness/run_folders.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::store {
namespace {

using testing::TemporaryFolder;

// Everything still to come, as a runner writes it at the start.
RunRecord planned_run() {
  RunRecord run = testing::good_run();
  run.plan_hash = "0123456789abcdef";
  run.complete = false;
  run.visits.clear();
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

const ResumeKey kRequest{.plan_hash = "0123456789abcdef"};

void append(RunFolder& folder, std::size_t configuration, std::size_t index) {
  Cell cell = testing::good_run().configurations[configuration].cells[index];
  folder.append(cell);
}

std::size_t count_lines(const std::filesystem::path& folder) {
  std::size_t lines = 0;
  read_cell_log(folder / "cells.jsonl", [&](Cell&&, const std::string&) { ++lines; });
  return lines;
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
  Cell cell = testing::good_run().configurations[3].cells[4];
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
  append(folder, 3, 4);
  EXPECT_EQ(read_run(folder.path()).configurations[3].cells[4].status, CellStatus::done);
}

TEST(ResultStore, ResumesTheLatestUnfinishedRunOfThePlan) {
  const TemporaryFolder root;
  std::filesystem::path latest;
  {
    RunFolder folder = RunFolder::create(root.path(), planned_run(), "2");
    append(folder, 0, 0);
    RunFolder newer = RunFolder::create(root.path(), planned_run(), "2");
    append(newer, 0, 1);
    latest = newer.path();
  }
  EXPECT_FALSE(RunFolder::resume(root.path(), {.plan_hash = "another plan"}).has_value());
  EXPECT_FALSE(RunFolder::resume(root.path() / "absent", kRequest).has_value());
  const auto resumed = RunFolder::resume(root.path(), kRequest);
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
  EXPECT_FALSE(RunFolder::resume(root.path(), kRequest).has_value());
}

TEST(ResultStore, RunThatIsBeingWrittenHasNoSecondWriter) {
  const TemporaryFolder root;
  std::optional<RunFolder> folder = RunFolder::create(root.path(), planned_run(), "2");
  try {
    RunFolder::resume(root.path(), kRequest);
    FAIL() << "two writers";
  } catch (const StorageError& error) {
    EXPECT_NE(std::string(error.what()).find("another process is writing this run"), std::string::npos) << error.what();
  }
  folder.reset();
  EXPECT_TRUE(RunFolder::resume(root.path(), kRequest).has_value()) << "the lock goes with its holder";
}

TEST(ResultStore, ShardsOfOnePlanAreResumedApart) {
  const TemporaryFolder root;
  RunRecord second = planned_run();
  second.shard = "2/2";
  const auto path = RunFolder::create(root.path(), second, "2").path();
  EXPECT_FALSE(RunFolder::resume(root.path(), kRequest).has_value());
  EXPECT_FALSE(RunFolder::resume(root.path(), {.plan_hash = kRequest.plan_hash, .shard = "1/2"}).has_value());
  const auto resumed = RunFolder::resume(root.path(), {.plan_hash = kRequest.plan_hash, .shard = "2/2"});
  ASSERT_TRUE(resumed.has_value());
  EXPECT_EQ(resumed->path(), path);
}

TEST(ResultStore, TornLastLineIsDroppedAndCutOffBeforeGoingOn) {
  for (const std::string& torn : {std::string("{\"configuration\": \"fas"), std::string("{}\n"), std::string(4096, '\0')}) {
    const TemporaryFolder root;
    std::filesystem::path path;
    {
      RunFolder folder = RunFolder::create(root.path(), planned_run(), "2");
      path = folder.path();
      append(folder, 0, 0);
    }
    append_text(path / "cells.jsonl", torn);
    EXPECT_EQ(read_run(path).configurations[0].cells[0].status, CellStatus::done);
    {
      auto resumed = RunFolder::resume(root.path(), kRequest);
      ASSERT_TRUE(resumed.has_value());
      append(*resumed, 0, 1);
    }
    EXPECT_EQ(count_lines(path), 2u);
  }
}

TEST(ResultStore, BrokenLineInTheMiddleIsRefusedWithItsNumber) {
  const TemporaryFolder root;
  RunFolder folder = RunFolder::create(root.path(), planned_run(), "2");
  append_text(folder.path() / "cells.jsonl", "{\"half\n");
  append(folder, 0, 0);
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
  append(folder, 0, 0);
  const auto size = std::filesystem::file_size(folder.path() / "cells.jsonl");
  {
    const testing::FullDisk full(size + 10);  // ten bytes of the next line go out before the error
    EXPECT_THROW(append(folder, 0, 1), StorageError);
    RunRecord again = planned_run();
    EXPECT_THROW(folder.write(again), StorageError);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 3) << "nothing half-written stays";
  }
  EXPECT_EQ(std::filesystem::file_size(folder.path() / "cells.jsonl"), size);
  append(folder, 0, 2);
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
    RunRecord finished = testing::good_run();
    for (auto& configuration : finished.configurations)
      for (auto& cell : configuration.cells) {
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
  const auto resumed = RunFolder::resume(root.path(), kRequest);
  ASSERT_TRUE(resumed.has_value());
  EXPECT_GE(count_lines(resumed->path()), promised);
}

// A kill or a power cut may leave the log at any length: every line that was whole is there again, and the run goes on behind it.
TEST(ResultStore, LogCutAtAnyByteLosesTheCutLineAlone) {
  const TemporaryFolder root;
  std::filesystem::path path;
  std::vector<std::size_t> ends = {0};
  {
    RunFolder folder = RunFolder::create(root.path(), planned_run(), "2");
    path = folder.path();
    for (std::size_t i = 0; i < 3; ++i) {
      append(folder, 3, i);
      ends.push_back(std::filesystem::file_size(path / "cells.jsonl"));
    }
  }
  const std::string whole = testing::read_file(path / "cells.jsonl");
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    std::ofstream(path / "cells.jsonl", std::ios::binary | std::ios::trunc) << whole.substr(0, length);
    const auto kept = static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), length) - ends.begin()) - 1;
    {
      auto resumed = RunFolder::resume(root.path(), kRequest);
      ASSERT_TRUE(resumed.has_value()) << length;
      const auto& cells = resumed->record().configurations[3].cells;
      for (std::size_t i = 0; i < cells.size(); ++i) ASSERT_EQ(cells[i].status == CellStatus::done, i < kept) << length << " " << i;
      append(*resumed, 3, 4);
    }
    ASSERT_EQ(count_lines(path), kept + 1) << length;
  }
}

TEST(ResultStore, TwoProcessesThatWriteAtOnceNeverMeet) {
  const TemporaryFolder root;
  std::vector<pid_t> children;
  for (int i = 0; i < 2; ++i) {
    children.push_back(::fork());
    ASSERT_GE(children.back(), 0);
    if (children.back() != 0) continue;
    RunFolder folder = RunFolder::create(root.path(), planned_run(), "2");  // the same plan, in the same second
    RunRecord finished = testing::good_run();
    finished.plan_hash = kRequest.plan_hash;
    for (int round = 0; round < 5; ++round)
      for (auto& configuration : finished.configurations)
        for (auto& cell : configuration.cells) folder.append(cell);
    for (auto& visit : finished.visits) folder.append(visit);
    folder.write(finished);
    ::_exit(0);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const auto folders = list_run_folders(root.path());
  ASSERT_EQ(folders.size(), 2u);
  for (const auto& folder : folders) {
    EXPECT_TRUE(read_run(folder).complete);
    EXPECT_EQ(count_lines(folder), 5u * 24u);
  }
}

TEST(ResultStore, WriteAllIsWhatAppendAndWriteDo) {
  const TemporaryFolder root;
  RunRecord run = testing::good_run();
  run.plan_hash = kRequest.plan_hash;
  const auto path = testing::store_run(root.path(), "whole", run);
  RunFolder folder = RunFolder::create(root.path(), planned_run(), "2");
  for (auto& configuration : run.configurations)
    for (auto& cell : configuration.cells) folder.append(cell);
  for (auto& visit : run.visits) folder.append(visit);
  folder.write(run);
  EXPECT_EQ(to_json(read_run(path)), to_json(run));
  EXPECT_EQ(to_json(read_run(path / "run.json")), to_json(run)) << "by its file";
}

TEST(ResultStore, WhatIsNoRunIsRefused) {
  const TemporaryFolder root;
  EXPECT_THROW(read_run(root.path()), UsageError);
  EXPECT_THROW(read_run(root.path() / "absent"), UsageError);
  append_text(root.path() / "export.json", to_json(read_run(testing::store_run(root.path(), "run", testing::good_run()))));
  EXPECT_EQ(read_run(root.path() / "export.json").run_id, testing::good_run().run_id);
}

}  // namespace
}  // namespace wan::store
