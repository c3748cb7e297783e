#include "metrics/score_cache.h"

#include <gtest/gtest.h>

namespace wan::metrics {
namespace {

struct Number final : ScoreCache::Entry {
  explicit Number(int v) : value(v) {}
  int value;
};

int value_of(ScoreCache& cache, const std::string& key) {
  const auto entry = std::dynamic_pointer_cast<const Number>(cache.find(key));
  return entry ? entry->value : -1;
}

TEST(ScoreCache, TheEntryUsedLongestAgoGoesFirst) {
  ScoreCache cache(100);
  cache.keep("a", std::make_shared<Number>(1), 40);
  cache.keep("b", std::make_shared<Number>(2), 40);
  EXPECT_EQ(value_of(cache, "a"), 1);  // now b is the older one
  cache.keep("c", std::make_shared<Number>(3), 40);
  EXPECT_EQ(value_of(cache, "a"), 1);
  EXPECT_EQ(value_of(cache, "b"), -1);
  EXPECT_EQ(value_of(cache, "c"), 3);
  EXPECT_EQ(cache.used_bytes(), 80u);
}

TEST(ScoreCache, KeepsNothingLargerThanItself) {
  ScoreCache cache(100);
  cache.keep("a", std::make_shared<Number>(1), 100);
  cache.keep("b", std::make_shared<Number>(2), 101);
  EXPECT_EQ(value_of(cache, "a"), 1);
  EXPECT_EQ(value_of(cache, "b"), -1);
}

TEST(ScoreCache, ReplacesUnderTheSameKey) {
  ScoreCache cache(100);
  cache.keep("a", std::make_shared<Number>(1), 60);
  cache.keep("a", std::make_shared<Number>(2), 70);
  EXPECT_EQ(value_of(cache, "a"), 2);
  EXPECT_EQ(cache.used_bytes(), 70u);
}

TEST(ScoreCache, AnEvictedEntryLivesOnWithItsUser) {
  ScoreCache cache(10);
  cache.keep("a", std::make_shared<Number>(7), 10);
  const auto held = std::dynamic_pointer_cast<const Number>(cache.find("a"));
  cache.keep("b", std::make_shared<Number>(8), 10);
  EXPECT_EQ(held->value, 7);
}

}  // namespace
}  // namespace wan::metrics
