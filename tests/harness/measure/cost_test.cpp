#include "harness/measure/cost.h"

#include <gtest/gtest.h>

#include "engine/base/error.h"

namespace wan::measure {
namespace {

TEST(Cost, MoneyIsSecondsTimesThePriceOfASecond) {
  EXPECT_DOUBLE_EQ(money_of(3600, 3), 3);
  EXPECT_DOUBLE_EQ(money_of(160, 3), 160.0 * 3 / 3600);
  EXPECT_EQ(money_of(0, 3), 0);
  EXPECT_THROW(money_of(-1, 3), CheckError);
  EXPECT_THROW(money_of(1, -3), CheckError);
}

// The roadmap's table at its own figures: $15K, $3 an hour, 160 s to 36 s a clip is 0.1033 a clip, not the 3 that 5,000 clips would need.
TEST(Cost, BreakEvenOfTheRoadmapsTable) {
  EXPECT_EQ(break_even_clips(15000, money_of(160, 3) - money_of(36, 3)), 145162);
  EXPECT_EQ(break_even_clips(5000, money_of(36, 3) - money_of(24, 3)), 500000);
  EXPECT_EQ(break_even_clips(50000, money_of(24, 3) - money_of(6, 3)), 3333334);
}

TEST(Cost, BreakEvenIsWholeClipsOrNever) {
  EXPECT_EQ(break_even_clips(10, 2), 5);
  EXPECT_EQ(break_even_clips(10, 3), 4);
  EXPECT_EQ(break_even_clips(0.1, 0.01), 10) << "decimal fractions are not exact";
  EXPECT_EQ(break_even_clips(0, 1), 0);
  EXPECT_EQ(break_even_clips(10, 0), std::nullopt);
  EXPECT_EQ(break_even_clips(10, -1), std::nullopt);
  EXPECT_THROW(break_even_clips(-1, 1), CheckError);
}

}  // namespace
}  // namespace wan::measure
