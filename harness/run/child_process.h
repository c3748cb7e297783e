// A program started with one end of a channel as descriptor 3, whose stdout and stderr are read as they come, so that it never waits for a
// reader. It is killed with its owner, and with this process however that ends.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/run/descriptors.h"

namespace wan::run {

inline constexpr int kChildChannel = 3;

struct ChildStart {
  std::string program;
  std::vector<std::string> arguments;  // argv, from argv[0]
  UniqueFd channel;                    // the child's end
  bool forward_log = true;             // its output appears on our stderr too
};

class ChildProcess {
 public:
  explicit ChildProcess(ChildStart start);  // throws std::system_error if it cannot be started
  ~ChildProcess();
  ChildProcess(ChildProcess&&) = delete;  // a thread holds its address

  pid_t pid() const { return pid_; }
  void kill();  // and waits for its end, though not for ever: a driver that hangs holds a process that was killed
  // As waitpid gives it, once the child has ended in that time and its last words are read.
  std::optional<int> wait(double timeout_s);
  bool has_ended() const { return status_.has_value(); }  // as far as wait() has seen
  std::vector<std::string> log_tail() const;

 private:
  struct Log;
  std::unique_ptr<Log> log_;
  pid_t pid_ = -1;
  std::optional<int> status_ = {};
};

}  // namespace wan::run
