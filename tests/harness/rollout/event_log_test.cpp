#include "harness/rollout/event_log.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "harness/store/result_store.h"
#include "harness/store/seal.h"
#include "tests/support/harness/rollouts.h"
#include "tests/support/harness/run_folders.h"
#include "tests/support/harness/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan::rollout {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Event start_of(const std::string& configuration) {
  Event event{.at = "2026-01-31T00:00:00Z", .configuration = configuration, .flags_file = "flags.toml", .subject = testing::fast_subject()};
  event.subject->configuration.id = configuration;
  return event;
}

Event advance_of(const std::string& configuration) {
  Event event = start_of(configuration);
  event.kind = EventKind::advanced;
  event.phase = Phase::batch;
  event.flags_file.clear();
  event.evidence = Evidence{.run_id = "run \"1\"", .seal = "s", .build_id = "b", .outcome = "held", .prompts = 1, .seeds = 3};
  return event;
}

Event back_of(const std::string& configuration) {
  return {.at = "2026-02-01T00:00:00Z",
          .kind = EventKind::rolled_back,
          .configuration = configuration,
          .phase = Phase::batch,
          .reason = "asked: \xff why"};
}

std::string write_three(const std::filesystem::path& root) {
  EventLog log(root, EventLog::Missing::made);
  log.append(start_of("fast"));
  log.append(advance_of("fast"));
  log.append(back_of("fast"));
  return testing::read_file(root / kStateFile);
}

TEST(EventLog, KeepsWhatWasAppendedAndRefusesWhatMayNotFollow) {
  const testing::TemporaryFolder folder;
  EXPECT_TRUE(read_state(folder.path()).rollouts.empty()) << "no log is no rollout";
  EXPECT_USAGE_ERROR(EventLog(folder.path(), EventLog::Missing::refused), AllOf(HasSubstr("rollout.jsonl"), HasSubstr("rollout start")));
  const std::string text = write_three(folder.path() / "new/folder");
  const State state = read_state(folder.path() / "new/folder");
  ASSERT_EQ(state.rollouts.size(), 1u);
  EXPECT_TRUE(state.rollouts[0].rolled_back);
  EXPECT_EQ(state.rollouts[0].reason, "asked: \xef\xbf\xbd why");
  EventLog log(folder.path() / "new/folder", EventLog::Missing::refused);
  EXPECT_USAGE_ERROR(log.append(back_of("fast")), HasSubstr("rolled back on"));
  EXPECT_EQ(testing::read_file(folder.path() / "new/folder" / kStateFile), text) << "a refused event leaves no trace";
}

// Killed after any byte: what was acknowledged is there, the rest is not, and the next writer goes on.
TEST(EventLog, SurvivesAnEndAtEveryByte) {
  const testing::TemporaryFolder folder;
  const std::string text = write_three(folder.path());
  const std::size_t first = text.find('\n') + 1, second = text.find('\n', first) + 1;
  for (std::size_t bytes = 0; bytes <= text.size(); ++bytes) {
    std::ofstream(folder.path() / kStateFile, std::ios::binary | std::ios::trunc) << text.substr(0, bytes);
    const std::int64_t whole = bytes == text.size() ? 3 : bytes >= second ? 2 : bytes >= first ? 1 : 0;
    ASSERT_EQ(read_state(folder.path()).sequence, whole) << bytes;
    if (bytes % 97 != 0 && bytes != second - 1) continue;
    EventLog log(folder.path(), EventLog::Missing::refused);
    log.append(start_of("other"));
    ASSERT_EQ(read_state(folder.path()).sequence, whole + 1) << bytes;
  }
}

TEST(EventLog, WhatACrashLeavesBehindTheEndIsDropped) {
  const testing::TemporaryFolder folder;
  write_three(folder.path());
  std::ofstream(folder.path() / kStateFile, std::ios::binary | std::ios::app) << std::string(40, '\0') << "\n\n{\"schema\":1";
  EXPECT_EQ(read_state(folder.path()).sequence, 3);
}

TEST(EventLog, NoticesEditsLossesAndForeignLines) {
  const testing::TemporaryFolder folder;
  const auto path = folder.path() / kStateFile;
  const std::string text = write_three(folder.path());
  const std::size_t first = text.find('\n') + 1, second = text.find('\n', first) + 1;
  const auto put = [&](const std::string& changed) { std::ofstream(path, std::ios::binary | std::ios::trunc) << changed; };
  const auto tampered = [&](const char* where) {
    try {
      read_state(folder.path());
      ADD_FAILURE() << "accepted, expected " << where;
    } catch (const store::TamperError& error) {
      EXPECT_THAT(error.what(), HasSubstr(where));
    }
  };
  testing::edit_file(path, "\"asked", "\"liked");
  tampered("rollout.jsonl:3");
  put(text.substr(0, first) + text.substr(second));
  tampered("rollout.jsonl:2");
  put(text.substr(first));
  tampered("rollout.jsonl:1");
  put(text.substr(0, first) + "junk\n" + text.substr(first));
  EXPECT_USAGE_ERROR(read_state(folder.path()), HasSubstr("rollout.jsonl:2"));
}

TEST(EventLog, AFullDiskTakesTheEventBack) {
  const testing::TemporaryFolder folder;
  const std::string text = write_three(folder.path());
  {
    EventLog log(folder.path(), EventLog::Missing::refused);
    const testing::FullDisk full(text.size() + 20);
    EXPECT_THROW(log.append(start_of("fast")), store::StorageError);
    EXPECT_TRUE(log.state().find("fast")->rolled_back) << "what is not on disk has not happened";
  }
  EXPECT_EQ(testing::read_file(folder.path() / kStateFile), text);
}

TEST(EventLog, ManyWritersTakeTurns) {
  const testing::TemporaryFolder folder;
  EventLog(folder.path(), EventLog::Missing::made);
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer)
    writers.emplace_back([&, writer] {
      for (int i = 0; i < 5; ++i) {
        EventLog log(folder.path(), EventLog::Missing::refused);
        log.append(start_of("c" + std::to_string(5 * writer + i)));
      }
    });
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(read_state(folder.path()).rollouts.size(), 20u);
}

// A writer that is killed again and again, at whatever it is doing.
TEST(EventLog, SurvivesKills) {
  const testing::TemporaryFolder folder;
  for (int kill = 0; kill < 20; ++kill) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (int i = 0;; ++i) {
        EventLog log(folder.path(), EventLog::Missing::made);
        log.append(start_of("c" + std::to_string(kill) + "_" + std::to_string(i)));
      }
    }
    ::usleep(static_cast<useconds_t>(2000 + 700 * kill));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_NO_THROW(read_state(folder.path()));
  }
  EventLog log(folder.path(), EventLog::Missing::made);
  const auto before = log.state().sequence;
  log.append(start_of("last"));
  EXPECT_EQ(read_state(folder.path()).sequence, before + 1);
  EXPECT_EQ(static_cast<std::int64_t>(log.state().rollouts.size()), log.state().sequence) << "every number once";
}

}  // namespace
}  // namespace wan::rollout
