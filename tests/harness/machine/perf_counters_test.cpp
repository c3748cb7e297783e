#include "harness/machine/perf_counters.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace wan::machine {
namespace {

TEST(PerfCounters, CountOrSayWhyNot) {
  const PerfCounters counters(std::vector<int>{::getpid()});
  EXPECT_EQ(counters.cycles().has_value(), counters.problem().empty()) << counters.problem();
  if (!counters.problem().empty()) {
    EXPECT_FALSE(counters.instructions());
    GTEST_SKIP() << counters.problem();
  }
  const auto before = *counters.cycles();
  volatile double sum = 0;
  for (int i = 0; i < 1000000; ++i) sum = sum + i;
  EXPECT_GT(*counters.cycles(), before);
}

TEST(PerfCounters, NoThreadIsAReason) {
  const PerfCounters counters({});
  EXPECT_FALSE(counters.problem().empty());
  EXPECT_FALSE(counters.cycles());
}

}  // namespace
}  // namespace wan::machine
