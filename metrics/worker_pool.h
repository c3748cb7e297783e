// Threads that wait for batches of tasks; made once a comparison, because a batch is too short to start threads for.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace wan::metrics {

class WorkerPool {
 public:
  // The caller counts as one.
  explicit WorkerPool(int threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;  // its threads hold a pointer to it
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Calls task(0) ... task(count - 1), each once, on any of the threads; the caller does `first` before it helps. Returns when all are
  // done; then the exception of the lowest task, or else that of `first`, leaves.
  void run(std::int64_t count, const std::function<void(std::int64_t)>& task, const std::function<void()>& first = {});

 private:
  void serve();
  void drain(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable work_, done_;
  const std::function<void(std::int64_t)>* task_ = nullptr;
  std::int64_t next_ = 0, count_ = 0, running_ = 0;
  std::int64_t failed_ = 0;  // the lowest task that threw
  std::exception_ptr failure_;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace wan::metrics
