#include "harness/store/retention.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/harness/records.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::store {
namespace {

void put(const std::filesystem::path& path) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << "1234";
}

TEST(Retention, OnlyWhatTheReportShowsStaysOfAFinishedRun) {
  const testing::TemporaryFolder folder;
  for (const char* file : {"clips/shown.safetensors", "clips/other.safetensors", "trajectories/t.safetensors", "run.json", "cells.jsonl",
                           "report.html", "run.json.tmp.17"})
    put(folder.path() / file);
  std::filesystem::create_symlink(folder.path() / "run.json", folder.path() / "clips/link");
  RunRecord run = testing::good_run();
  const auto files = removable_files(run, folder.path(), {"clips/shown.safetensors"});
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[0].path, folder.path() / "clips/other.safetensors");
  EXPECT_EQ(files[0].bytes, 4u);
  EXPECT_EQ(files[1].path, folder.path() / "run.json.tmp.17");
  EXPECT_EQ(files[2].path, folder.path() / "trajectories/t.safetensors");
  EXPECT_TRUE(std::filesystem::exists(files[0].path)) << "it only says";
  run.complete = false;
  EXPECT_TRUE(removable_files(run, folder.path(), {}).empty()) << "open";
  run.complete = true;
  put(folder.path() / kPromotedFile);
  EXPECT_TRUE(removable_files(run, folder.path(), {}).empty()) << "promoted";
}

}  // namespace
}  // namespace wan::store
