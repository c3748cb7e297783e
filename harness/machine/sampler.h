// Looks at the machine while a visit runs: a thread of its own samples a GPU every few milliseconds; what the kernel counts is read before
// and after. It costs a few percent of one core and touches neither the GPU's streams nor its memory.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <vector>

#include "harness/machine/covariates.h"
#include "harness/machine/nvml.h"

namespace wan::machine {

struct SamplerOptions {
  std::chrono::milliseconds period{20};
  std::shared_ptr<const Gpu> gpu = {};  // none: the CPU alone
  std::vector<int> workers = {};        // processes of ours; this process and all descendants are ours anyway
  std::size_t gpu_contexts = 1;         // how many of ours hold a context on this GPU
  std::filesystem::path root = "/";     // before proc and sys
};

// One visit: it samples from its construction to finish(). Both ends are samples, so the shortest visit has two.
class Sampler {
 public:
  explicit Sampler(SamplerOptions options);
  ~Sampler();
  Sampler(const Sampler&) = delete;  // the thread refers to what is in it
  Sampler& operator=(const Sampler&) = delete;

  // Stops and says what was seen. CheckError if called twice.
  Covariates finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wan::machine
