// The worker process is gone, or had to be killed, before it answered.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace wan::run {

class WorkerLost : public std::runtime_error {
 public:
  enum class Cause {
    hang,           // no sign of life, or not done in time: killed by the harness
    signal,         // killed by a signal of its own or of somebody else
    exit,           // ended by itself
    out_of_memory,  // killed by the kernel for want of memory, or aborted over an allocation
    protocol        // said what cannot be understood
  };
  // `sentence` stands in records; what() has the log's last lines below it.
  WorkerLost(Cause cause, const std::string& sentence, std::vector<std::string> log_tail);
  Cause cause() const { return cause_; }
  const std::vector<std::string>& log_tail() const { return log_tail_; }

 private:
  Cause cause_;
  std::vector<std::string> log_tail_;
};

}  // namespace wan::run
