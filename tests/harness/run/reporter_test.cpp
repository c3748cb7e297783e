#include "harness/run/reporter.h"

#include <gtest/gtest.h>

#include "tests/support/harness/records.h"

namespace wan::run {
namespace {

TEST(Reporter, DurationsAsPeopleSayThem) {
  EXPECT_EQ(format_duration(0.614), "0.61 s");
  EXPECT_EQ(format_duration(48.2), "48 s");
  EXPECT_EQ(format_duration(59.7), "1 min 00 s");
  EXPECT_EQ(format_duration(185), "3 min 05 s");
  EXPECT_EQ(format_duration(7800), "2 h 10 min");
}

TEST(Reporter, OneLineACellWithScoresAndWhatIsLeft) {
  std::string said;
  Eta eta;
  eta.plan("fast", 2);
  Reporter reporter({.write = [&](const std::string& text) { said += text; }}, eta, 2);
  const store::Cell cell = testing::scored_cell("fast", "p1", {}, 0.5);
  reporter.load_begins("fast");
  reporter.cell_begins(cell);
  reporter.step(1, 10);
  reporter.cell_ended(cell, 0.75);
  EXPECT_EQ(said, "[1/2] fast  p1  seed 42  0.50 s  psnr 33  ssim 0.97  lpips 0.03  about 0.75 s to go\n");
  said.clear();
  store::Cell failed = cell;
  testing::fail(failed, "crash: signal 11");
  reporter.cell_ended(failed, 0.1);
  EXPECT_EQ(said, "[2/2] fast  p1  seed 42  failed: crash: signal 11\n");
}

TEST(Reporter, TerminalLineRenewsItselfIsCutAndIsClearedForWhatStays) {
  std::string said;
  {
    Reporter reporter({.terminal = true, .width = 20, .write = [&](const std::string& text) { said += text; }}, Eta{}, 2);
    reporter.cell_begins(testing::scored_cell("a_very_long_configuration", "p1", {}));
    EXPECT_EQ(said, "\r[0/2] a_very_long_c\x1b[K");
    said.clear();
    reporter.say("stays");
    EXPECT_EQ(said, "\r\x1b[Kstays\n");
    said.clear();
    reporter.cell_begins(testing::scored_cell("fast", "p1", {}));
    said.clear();
  }
  EXPECT_EQ(said, "\r\x1b[K") << "nothing is left behind";
}

}  // namespace
}  // namespace wan::run
