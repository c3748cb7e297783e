#include "harness/cli/alert_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/support/harness/temporary_folder.h"

namespace wan::cli {
namespace {

TEST(AlertCommand, SeesTheFactsAndKeepsStdoutClean) {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "facts";
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(run_alert_command("echo said; printf '%s|%s' \"$WAN_ROLLOUT_REASON\" \"$PATH\" > " + file.string(),
                              {{"WAN_ROLLOUT_REASON", "it's \"worse\"\n$(x)"}, {"PATH", "replaced"}}),
            "");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::read_file(file), "it's \"worse\"\n$(x)|replaced");
}

TEST(AlertCommand, SaysWhatWentWrong) {
  EXPECT_EQ(run_alert_command("exit 7", {}), "it exited with 7");
  EXPECT_EQ(run_alert_command("kill -9 $$", {}), "it was ended by signal 9");
  EXPECT_EQ(run_alert_command("no_such_command_anywhere 2>/dev/null", {}), "it exited with 127");
}

TEST(AlertCommand, IsKilledWithWhatItStartedWhenItTakesTooLong) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(run_alert_command("sleep 60 & sleep 60", {}, 0.2), ::testing::HasSubstr("longer than 0.2 s"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

}  // namespace
}  // namespace wan::cli
