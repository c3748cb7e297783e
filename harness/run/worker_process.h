// The harness's end of one worker: starts it, asks it, watches it, and tells how it ended.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "engine/generation.h"
#include "harness/run/channel.h"
#include "harness/run/child_process.h"
#include "harness/run/process_executor.h"
#include "harness/run/worker_lost.h"

namespace wan::run {

class WorkerProcess {
 public:
  explicit WorkerProcess(const ProcessExecutorOptions& options);  // started and greeted

  struct Request {
    Message message;
    const char* name;  // of what is done, for people
    double limit_s;
    std::uint64_t id = 0;  // of one that can be cancelled
    Progress progress = {};
  };
  // The answer. Throws what the worker threw, Cancelled, or WorkerLost, after which the worker is gone.
  Received ask(const Request& request, const WorkerLimits& limits);
  void end(double patience_s);  // orderly, else by force
  bool has_ended() const { return child_.has_ended(); }
  pid_t pid() const { return child_.pid(); }

 private:
  WorkerProcess(const ProcessExecutorOptions& options, std::pair<UniqueFd, UniqueFd> ends);
  void tell(const Message& message);
  Received hear(const Request& request, const WorkerLimits& limits, bool& cancelled);
  [[noreturn]] void lose_hung(const std::string& sentence);
  [[noreturn]] void lose_ended(const char* doing, double patience_s);

  std::int64_t oom_kills_before_ = 0;
  Channel channel_;
  ChildProcess child_;
};

}  // namespace wan::run
