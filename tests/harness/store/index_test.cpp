#include "harness/store/index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "harness/store/result_store.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/harness/records.h"
#include "tests/support/harness/run_folders.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::store {
namespace {

using ::testing::HasSubstr;

class IndexTest : public ::testing::Test {
 protected:
  void store(const std::string& name, double ssim = 0.97) {
    RunRecord run = testing::good_run();
    run.environment.started_at = "2026-01-31T01:02:03Z";
    testing::set_score(testing::candidate(run), "ssim.ipol", ssim);
    testing::store_run(root_.path(), name, run);
  }
  std::filesystem::path file() const { return root_.path() / kIndexFile; }
  std::size_t refreshed_runs(Index& index) {
    std::size_t read = 0;
    index.refresh([&](const Index::Progress& progress) { read = progress.total; });
    return read;
  }
  testing::TemporaryFolder root_;
};

TEST_F(IndexTest, ListsRunsLatestFirstAndReadsEachOnce) {
  store("20260101T000000Z-a");
  store("20260102T000000Z-b", 0.9);
  Index index(root_.path());
  EXPECT_EQ(refreshed_runs(index), 2u);
  EXPECT_EQ(refreshed_runs(index), 0u);
  const auto runs = index.runs();
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].folder, "20260102T000000Z-b");
  EXPECT_TRUE(runs[0].complete);
  EXPECT_EQ(runs[0].cells, 24);
  EXPECT_EQ(runs[0].done, 24);
  EXPECT_EQ(runs[0].tier_id, "2");
  EXPECT_TRUE(runs[0].problem.empty());
  Index again(root_.path());
  EXPECT_EQ(refreshed_runs(again), 0u) << "it stays on disk";
}

TEST_F(IndexTest, FollowsNewChangedAndRemovedRuns) {
  store("a");
  Index index(root_.path());
  index.refresh();
  store("b");
  EXPECT_EQ(refreshed_runs(index), 1u);
  std::filesystem::remove_all(root_.path() / "a");
  store("a", 0.5);
  std::filesystem::remove_all(root_.path() / "b");
  EXPECT_EQ(refreshed_runs(index), 1u);
  ASSERT_EQ(index.runs().size(), 1u);
  EXPECT_DOUBLE_EQ(index.history("fast", "ssim.ipol").at(0).value, 0.5);
}

TEST_F(IndexTest, HistoryTellsDayPromptAndTime) {
  store("20260101T000000Z-a", 0.97);
  store("20260102T000000Z-b", 0.9);
  Index index(root_.path());
  EXPECT_TRUE(index.add("20260101T000000Z-a"));
  EXPECT_EQ(index.runs().size(), 1u) << "one run alone";
  index.refresh();
  const auto scores = index.history("fast", "ssim.ipol");
  ASSERT_EQ(scores.size(), 12u);
  EXPECT_EQ(scores[0].day, "2026-01-31");
  EXPECT_EQ(scores[0].prompt, "p1");
  EXPECT_EQ(scores[0].seed, 42u);
  EXPECT_DOUBLE_EQ(scores[0].value, 0.97);
  EXPECT_DOUBLE_EQ(scores[0].elapsed_s, 0.5);
  EXPECT_DOUBLE_EQ(scores[6].value, 0.9);
  EXPECT_TRUE(index.history("fast", "no.such").empty());
  EXPECT_TRUE(index.history("none", "ssim.ipol").empty());
  EXPECT_EQ(index.folders_with("fastp1"), (std::vector<std::string>{"20260102T000000Z-b", "20260101T000000Z-a"}));
}

TEST_F(IndexTest, KeepsFiguresUntilTheirRunChanges) {
  store("a");
  store("b");
  Index index(root_.path());
  index.refresh();
  EXPECT_EQ(index.folders_without_figures(), (std::vector<std::string>{"a", "b"}));
  const std::vector<IndexedFigure> figures{{.configuration = "fast", .name = "speedup", .value = 2, .clips = 6},
                                           {.configuration = "fast", .name = "psnr.pooled", .value = INFINITY, .clips = 6}};
  index.store_figures("a", figures);
  index.store_figures("a", figures);
  index.store_figures("gone", figures);
  index.store_figures("b", {});
  ASSERT_EQ(index.figures().size(), 2u);
  EXPECT_EQ(index.figures()[0].folder, "a");
  EXPECT_EQ(index.figures()[0].figure, figures[1]);
  EXPECT_EQ(index.figures()[1].figure, figures[0]);
  EXPECT_TRUE(index.folders_without_figures().empty()) << "b has none, and that is known";
  std::filesystem::remove_all(root_.path() / "a");
  store("a", 0.5);
  index.refresh();
  EXPECT_TRUE(index.figures().empty());
  EXPECT_EQ(index.folders_without_figures(), std::vector<std::string>{"a"});
}

TEST_F(IndexTest, UnreadableAndTamperedRunsAreListedWithTheirProblem) {
  store("a");
  store("b");
  testing::edit_file(root_.path() / "a" / "run.json", "\"schema\": 4", "\"schema\": 1");
  testing::edit_file(root_.path() / "b" / "cells.jsonl", "0.97", "0.99");
  Index index(root_.path());
  index.refresh();
  const auto runs = index.runs();
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_THAT(runs[0].problem, HasSubstr("changed after it was stored"));
  EXPECT_THAT(runs[1].problem, HasSubstr("schema 1"));
}

TEST_F(IndexTest, MissingDamagedAndForeignFilesAreMadeAnew) {
  store("a");
  { Index(root_.path()).refresh(); }
  const std::string good = testing::read_file(file());
  const auto expect_whole = [&](const std::string& what) {
    Index index(root_.path());
    index.refresh();
    EXPECT_EQ(index.runs().size(), 1u) << what;
    EXPECT_EQ(index.history("fast", "ssim.ipol").size(), 6u) << what;
  };
  std::filesystem::remove(file());
  expect_whole("missing");
  std::ofstream(file(), std::ios::trunc) << "this is no database, but a text that somebody put here";
  expect_whole("a text");
  std::ofstream(file(), std::ios::trunc) << good.substr(0, good.size() / 2);
  expect_whole("half of it");
  for (std::size_t page = 0; page < good.size() / 4096; ++page) {
    std::string damaged = good;
    for (std::size_t i = 0; i < 4096; ++i) damaged[page * 4096 + i] = static_cast<char>(i * 31 + 7);
    std::filesystem::remove(file().string() + "-wal");
    std::filesystem::remove(file().string() + "-shm");
    std::ofstream(file(), std::ios::trunc | std::ios::binary) << damaged;
    Index index(root_.path());
    index.refresh();
    EXPECT_LE(index.runs().size(), 1u) << "damage ends in an answer or in a new index, never in an error: page " << page;
    index.history("fast", "ssim.ipol");
  }
}

TEST_F(IndexTest, AnotherSchemaIsReplaced) {
  store("a");
  { Index(root_.path()).refresh(); }
  std::string text = testing::read_file(file());
  text[63] = 99;  // the last byte of user_version, in the header of every SQLite file
  std::ofstream(file(), std::ios::trunc | std::ios::binary) << text;
  Index index(root_.path());
  EXPECT_TRUE(index.runs().empty());
  EXPECT_EQ(refreshed_runs(index), 1u);
}

TEST_F(IndexTest, FolderThatIsNotThereOrCannotBeWrittenIsNoError) {
  Index absent(root_.path() / "absent");
  absent.refresh();
  EXPECT_TRUE(absent.runs().empty());
  EXPECT_FALSE(std::filesystem::exists(root_.path() / "absent"));
  store("a");
  const testing::FileSizeLimit full(0);
  Index index(root_.path());
  index.refresh();
  EXPECT_EQ(index.runs().size(), 1u) << "kept in memory";
}

TEST_F(IndexTest, ManyProcessesAtOnce) {
  for (int i = 0; i < 4; ++i) store("run" + std::to_string(i));
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(::fork());
    ASSERT_GE(children.back(), 0);
    if (children.back() != 0) continue;
    for (int round = 0; round < 10; ++round) {
      Index index(root_.path());
      const bool current = index.refresh();
      if (current && index.runs().size() != 4) ::_exit(1);
    }
    ::_exit(0);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(Index(root_.path()).runs().size(), 4u);
}

}  // namespace
}  // namespace wan::store
