#include "metrics/reference_work.h"

#include <gtest/gtest.h>

namespace wan::metrics {
namespace {

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
