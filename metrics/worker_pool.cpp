#include "metrics/worker_pool.h"

#include <utility>

namespace wan::metrics {

WorkerPool::WorkerPool(int threads) {
  for (int i = 1; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

WorkerPool::~WorkerPool() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  work_.notify_all();
}

void WorkerPool::run(std::int64_t count, const std::function<void(std::int64_t)>& task, const std::function<void()>& first) {
  {
    const std::lock_guard lock(mutex_);
    task_ = &task, next_ = 0, count_ = count;
    if (count > 0) work_.notify_all();
  }
  std::exception_ptr own;
  try {
    if (first) first();
  } catch (...) {
    own = std::current_exception();
  }
  std::unique_lock lock(mutex_);
  drain(lock);
  done_.wait(lock, [this] { return running_ == 0; });
  if (auto failure = std::exchange(failure_, nullptr)) std::rethrow_exception(failure);
  if (own) std::rethrow_exception(own);
}

void WorkerPool::drain(std::unique_lock<std::mutex>& lock) {
  while (next_ < count_) {
    const std::int64_t index = next_++;
    ++running_;
    lock.unlock();
    std::exception_ptr failure;
    try {
      (*task_)(index);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure && (!failure_ || index < failed_)) failure_ = failure, failed_ = index;
    if (--running_ == 0) done_.notify_all();
  }
}

void WorkerPool::serve() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    drain(lock);
    work_.wait(lock, [this] { return stopping_ || next_ < count_; });
  }
}

}  // namespace wan::metrics
