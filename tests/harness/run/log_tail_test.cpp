#include "harness/run/log_tail.h"

#include <gtest/gtest.h>

namespace wan::run {
namespace {

TEST(LogTail, KeepsTheLastLines) {
  LogTail tail;
  EXPECT_TRUE(tail.lines().empty());
  for (int i = 0; i < 100; ++i) tail.add("line " + std::to_string(i) + "\n");
  tail.add("half ");
  tail.add("a line");
  const auto lines = tail.lines();
  ASSERT_EQ(lines.size(), LogTail::kLines);
  EXPECT_EQ(lines.front(), "line 81");
  EXPECT_EQ(lines.back(), "half a line");
}

TEST(LogTail, BoundsALineAndSkipsEmptyOnes) {
  LogTail tail;
  tail.add("\n\r\n" + std::string(5000, 'x') + "\rnext\n\n");
  ASSERT_EQ(tail.lines().size(), 2U);
  EXPECT_EQ(tail.lines()[0].size(), LogTail::kLineBytes);
  EXPECT_EQ(tail.lines()[1], "next");
}

}  // namespace
}  // namespace wan::run
