// Stands between runner and engine, in plain values: in this process, or one process a configuration. A fake one serves the tests.
#pragma once

#include <memory>

#include "engine/generation.h"

namespace wan::run {

class Executor {
 public:
  virtual ~Executor() = default;
  virtual LoadReport load(const LoadRequest& request) = 0;
  virtual GenerationResult generate(const GenerationRequest& request, const Progress& progress) = 0;
  virtual TimedSteps time_steps(const GenerationRequest& request, std::int64_t steps_an_expert, const Progress& progress) = 0;
  virtual ReplayResult replay(const GenerationRequest& request, const std::string& trajectory_file, const Progress& progress) = 0;
  virtual void unload() = 0;
  // After a worker or a device is lost (failure.h) a request may be repeated: what was lost was not this process's.
  virtual bool outlives_faults() const { return false; }
};

// Runs the engine in this process.
std::unique_ptr<Executor> make_in_process_executor();

}  // namespace wan::run
