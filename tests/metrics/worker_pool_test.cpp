#include "metrics/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace wan::metrics {
namespace {

TEST(WorkerPool, DoesEveryTaskOnceBatchAfterBatch) {
  for (const int threads : {1, 2, 5}) {
    WorkerPool pool(threads);
    for (const std::int64_t count : {0, 1, 3, 200}) {
      std::vector<std::atomic<int>> done(static_cast<std::size_t>(count));
      bool first = false;
      pool.run(
          count, [&](std::int64_t i) { ++done[static_cast<std::size_t>(i)]; }, [&] { first = true; });
      EXPECT_TRUE(first);
      for (const auto& times : done) EXPECT_EQ(times, 1);
    }
  }
}

std::string message_of(int threads, const std::function<void(std::int64_t)>& task, const std::function<void()>& first = {}) {
  WorkerPool pool(threads);
  try {
    pool.run(50, task, first);
  } catch (const std::runtime_error& e) {
    std::atomic<int> after = 0;
    pool.run(10, [&](std::int64_t) { ++after; });
    EXPECT_EQ(after, 10) << "the pool goes on after a failure";
    return e.what();
  }
  return "nothing";
}

TEST(WorkerPool, TheLowestFailureLeavesWhicheverThreadMetItFirst) {
  const auto fails = [](std::int64_t i) {
    if (i % 7 == 3) throw std::runtime_error("task " + std::to_string(i));
  };
  for (const int threads : {1, 2, 5}) {
    EXPECT_EQ(message_of(threads, fails), "task 3");
    EXPECT_EQ(message_of(threads, fails, [] { throw std::runtime_error("first"); }), "task 3");
    EXPECT_EQ(message_of(
                  threads, [](std::int64_t) {}, [] { throw std::runtime_error("first"); }),
              "first");
  }
}

}  // namespace
}  // namespace wan::metrics
