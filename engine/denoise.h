// The denoising loop: from noise to the final latents over one schedule, two experts, guidance and a solver.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/pipeline.h"
#include "engine/sampling/schedule.h"

namespace wan {

struct DenoiseRequest {
  at::Tensor noise;                 // [1, C, T, h, w] float32
  PromptStates positive, negative;  // negative.states undefined: no guidance
  double guidance_low, guidance_high;
  Solver solver;
  sampling::Schedule schedule;
};

struct DenoiseResult {
  at::Tensor latents;  // [1, C, T, h, w] float32
  std::vector<double> step_s = {};
  std::int64_t forwards = 0;
  std::vector<std::string> fallbacks = {};
};

// Throws Cancelled if `progress` says so.
DenoiseResult denoise(Pipeline& pipeline, const DenoiseRequest& request, const Progress& progress);

}  // namespace wan
