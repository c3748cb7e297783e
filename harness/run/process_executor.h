// One worker process for the loaded configuration, with a CUDA context, memory and signals of its own: whatever becomes of it is an
// exception here. Errors of the engine arrive as the types that it threw; a worker that is lost is a WorkerLost with the end of its log.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "harness/run/executor.h"

namespace wan::run {

// How long is waited before a worker counts as hung and is killed.
struct WorkerLimits {
  double start_s = 300;     // program started and greeted
  double load_s = 7200;     // a checkpoint loaded
  double request_s = 7200;  // a clip or a replay done
  double silence_s = 60;    // between two signs of life, of which a busy worker gives one a second
  double cancel_s = 60;     // from a cancel to its effect; then it is killed, which cancels too
  double end_s = 30;        // to end when it is unloaded
};

struct ProcessExecutorOptions {
  std::string program = "/proc/self/exe";
  std::vector<std::string> worker_arguments = {};  // behind `worker --channel 3`
  WorkerLimits limits = {};
  bool forward_log = true;  // what the worker says appears on our stderr too
};

class ProcessExecutor final : public Executor {
 public:
  explicit ProcessExecutor(ProcessExecutorOptions options);
  ~ProcessExecutor() override;

  LoadReport load(const LoadRequest& request) override;  // in a new worker
  // After an infrastructure fault (failure.h) of these two the configuration is loaded anew, in a new worker without a warm-up, before the
  // exception leaves: a request may simply be repeated. If that load fails, the next request throws its error, and if that was such a
  // fault too, loads once more.
  GenerationResult generate(const GenerationRequest& request, const Progress& progress) override;
  TimedSteps time_steps(const GenerationRequest& request, std::int64_t steps_an_expert, const Progress& progress) override;
  ReplayResult replay(const GenerationRequest& request, const std::string& trajectory_file, const Progress& progress) override;
  void unload() override;
  bool outlives_faults() const override { return true; }

  void set_limits(const WorkerLimits& limits);  // from the next request on
  pid_t worker_pid() const;                     // -1 without a worker

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

std::unique_ptr<ProcessExecutor> make_process_executor(ProcessExecutorOptions options = {});

}  // namespace wan::run
