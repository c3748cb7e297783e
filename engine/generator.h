// The only door of the engine for the rest of the house: Generator(load request).generate(request).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/generation.h"

namespace wan {

class Generator {
 public:
  // Reads the checkpoint and applies the configuration. Throws UsageError for a checkpoint or a configuration that is wrong. `loading`
  // hears of bytes read and bytes in all; Cancelled is thrown if it says so.
  explicit Generator(const LoadRequest& request, const Progress& loading = {});
  ~Generator();
  Generator(Generator&&) noexcept;
  Generator& operator=(Generator&&) noexcept;

  const LoadReport& load_report() const;
  const ModelInfo& model_info() const;

  // One clip. Sets and restores the process-wide flags it needs (threads, TF32). Throws UsageError for a request the model cannot serve.
  GenerationResult generate(const GenerationRequest& request, const Progress& progress = {});

  // The first `steps_an_expert` steps of each expert in the request's schedule, from the request's noise and prompts; no clip is decoded.
  // Where the second expert begins, the latents come from the first one's last velocity. Fewer where the schedule has fewer. Throws
  // UsageError as `generate`, and for less than one step.
  TimedSteps time_steps(const GenerationRequest& request, std::int64_t steps_an_expert, const Progress& progress = {});

  // The request's steps, each from where the recorded trajectory was, compared with the velocity on record; no clip. Throws UsageError for
  // a trajectory of another shape or schedule.
  ReplayResult replay(const GenerationRequest& request, const std::string& trajectory_file, const Progress& progress = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What the configs of a checkpoint folder say, without reading weights. Throws UsageError if it is no checkpoint.
ModelInfo inspect_checkpoint(const std::string& checkpoint_dir);

// The plan of memory that a load with `request.memory` would follow, without reading weights and, if that names the usable bytes, without
// the device. Throws UsageError, with the numbers and what would help, if nothing fits.
std::vector<std::string> plan_memory(const LoadRequest& request);

// Every optimisation that this build knows, sorted by id.
std::vector<OptimizationInfo> list_optimizations();

// An empty string if the optimisations can be stacked in this order, else the reason (unknown id, bad parameter, two fillers of a seam).
std::string check_configuration(std::span<const OptimizationChoice> optimizations);

}  // namespace wan
