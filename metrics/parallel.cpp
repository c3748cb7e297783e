#include "metrics/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace wan::metrics {

void for_each_index(std::int64_t count, int threads, const std::function<void(std::int64_t i, int worker)>& work) {
  std::atomic<std::int64_t> next{0};
  std::mutex mutex;
  std::int64_t failed_at = count;
  std::exception_ptr failure;
  const auto drain = [&](int worker) {
    for (std::int64_t i; (i = next++) < count;) {
      try {
        work(i, worker);
      } catch (...) {
        next = count;
        const std::lock_guard lock(mutex);
        if (i < failed_at) failed_at = i, failure = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (int t = 1; t < std::min<std::int64_t>(threads, count); ++t) helpers.emplace_back(drain, t);
    drain(0);
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace wan::metrics
