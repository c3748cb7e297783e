// Stands between runner and engine, in plain values: in this process now, one process a configuration later. A fake one serves the tests.
#pragma once

#include <memory>

#include "engine/generation.h"

namespace wan::run {

class Executor {
 public:
  virtual ~Executor() = default;
  virtual LoadReport load(const LoadRequest& request) = 0;
  virtual GenerationResult generate(const GenerationRequest& request, const Progress& progress) = 0;
  virtual ReplayResult replay(const GenerationRequest& request, const std::string& trajectory_file, const Progress& progress) = 0;
  virtual void unload() = 0;
};

// Runs the engine in this process.
std::unique_ptr<Executor> make_in_process_executor();

}  // namespace wan::run
