#include "metrics/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

#include "metrics/reference_work.h"

namespace wan::metrics {
namespace {

TEST(ForEachIndex, CallsEachOnceOnKnownWorkers) {
  for (const int threads : {0, 1, 3, 8}) {
    std::vector<std::atomic<int>> calls(5);
    for_each_index(5, threads, [&](std::int64_t i, int worker) {
      ++calls[static_cast<std::size_t>(i)];
      EXPECT_LT(worker, std::max(1, threads));
    });
    for (const auto& count : calls) EXPECT_EQ(count, 1);
  }
  for_each_index(0, 3, [](std::int64_t, int) { FAIL(); });
}

TEST(ForEachIndex, ThrowsTheEarliestFailure) {
  for (const int threads : {1, 4}) {
    try {
      for_each_index(100, threads, [](std::int64_t i, int) {
        if (i >= 3) throw std::runtime_error(std::to_string(i));
      });
      FAIL();
    } catch (const std::runtime_error& e) {
      EXPECT_STREQ(e.what(), "3");
    }
  }
}

TEST(ReferenceWork, KeepsTheBeginningThatFits) {
  ScoreCache cache(3 * 8);
  const auto make = [&](ScoreCache* of) { return ReferenceWork<double>(of, "work/1/clip", 5, 8); };
  {
    auto work = make(&cache);
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(work.find(i), nullptr);
      work.give(i, std::make_shared<const double>(i));
    }
    EXPECT_EQ(cache.used_bytes(), 0u);
    work.keep();
  }
  EXPECT_EQ(cache.used_bytes(), 24u);
  const auto known = make(&cache);
  EXPECT_EQ(*known.find(2), 2.0);
  EXPECT_EQ(known.find(3), nullptr);

  auto without = make(nullptr);
  without.give(0, std::make_shared<const double>(0));
  without.keep();
  EXPECT_EQ(without.find(0), nullptr);
}

}  // namespace
}  // namespace wan::metrics
