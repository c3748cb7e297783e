// The denoising loop: from noise to the final latents over one schedule, two experts, guidance and a solver.
//
// On a device the host runs one step ahead: it asks for step i + 1 before it looks at what step i left (its time, its health flags), so
// looking never makes the device wait. A step that the NaN guard finds faulty is redone from where it began, and the one after it dropped.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "engine/pipeline.h"
#include "engine/sampling/schedule.h"

namespace wan {

struct DenoiseRequest {
  at::Tensor noise;                 // [1, C, T, h, w] float32
  PromptStates positive, negative;  // negative.states undefined: no guidance
  double guidance_low, guidance_high;
  Solver solver;
  sampling::SolverOptions solver_options = {};  // those that the schedule was made with
  sampling::Schedule schedule;
  std::function<void(const StepView&)> observe = {};             // beside the configuration's own
  std::function<at::Tensor(std::int64_t step)> latents_at = {};  // teacher forcing: where each step begins, whatever the last one gave
  // Of the schedule, ascending: these alone; empty: all. Over what is left out the latents follow the last velocity in one straight line,
  // and the solver begins anew behind it.
  std::vector<std::int64_t> steps = {};
  std::optional<bool> run_ahead = {};  // absent: on every device but the CPU, which has done what it was asked
};

struct DenoiseResult {
  at::Tensor latents;                 // [1, C, T, h, w] float32
  std::vector<double> step_s = {};    // of the steps that were asked for, in their order
  std::int64_t high_noise_steps = 0;  // among them
  std::int64_t forwards = 0;          // dropped ones too
  std::vector<std::string> fallbacks = {};
};

// How many steps of a schedule are the high-noise expert's. They come first; where there is no other expert it is all of them.
std::int64_t high_noise_steps(const PipelineConfig& config, const sampling::Schedule& schedule);

// Throws Cancelled if `progress` says so.
DenoiseResult denoise(Pipeline& pipeline, const DenoiseRequest& request, const Progress& progress);

}  // namespace wan
