#include "engine/base/random.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace wan {
namespace {

// The algorithm's published test vector for this seed.
TEST(SplitMix64, PublishedStream) {
  SplitMix64 random(1234567);
  for (const std::uint64_t expected :
       {6457827717110365317U, 3203168211198807973U, 9817491932198370423U, 4593380528125082431U, 16408922859458223821U})
    EXPECT_EQ(random.next(), expected);
}

TEST(SplitMix64, SignedNumbersStayInTheirRange) {
  SplitMix64 random(0);
  float low = 1, high = -1;
  for (int i = 0; i < 100000; ++i) {
    const float value = random.next_signed();
    low = std::min(low, value);
    high = std::max(high, value);
  }
  EXPECT_GE(low, -1.0F);
  EXPECT_LT(low, -0.999F);
  EXPECT_LE(high, 1.0F);
  EXPECT_GT(high, 0.999F);
}

}  // namespace
}  // namespace wan
