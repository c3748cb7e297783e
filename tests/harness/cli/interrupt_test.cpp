#include "harness/cli/interrupt.h"

#include <gtest/gtest.h>

#include <csignal>

namespace wan::cli {
namespace {

TEST(Interrupt, FirstSignalIsAQuestion) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const Interrupt interrupt;
    EXPECT_FALSE(Interrupt::requested());
    std::raise(signal);
    EXPECT_TRUE(Interrupt::requested());
  }
}

TEST(InterruptDeathTest, SecondSignalEndsTheProgram) {
  EXPECT_EXIT(
      {
        const Interrupt interrupt;
        std::raise(SIGINT);
        std::raise(SIGINT);
      },
      ::testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace wan::cli
