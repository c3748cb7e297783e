// Classifier-free guidance and the solver's update: what stands between two evaluations of the network.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/sampling/flow_solver.h"
#include "engine/seams.h"

namespace wan {

struct GuideAndStep {
  const at::Tensor& conditional;    // velocity with the prompt, [B, C, T, h, w] float32
  const at::Tensor& unconditional;  // with the negative prompt, or undefined: no guidance
  double guidance;
  sampling::FlowSolver& solver;
  at::Tensor latents;        // in: where the velocities were evaluated; out: after the step
  at::Tensor velocity = {};  // out: after guidance
};

namespace sampling {

// v = u + g (c - u) (Ho & Salimans 2022, in Wan's form), then the solver's step.
void guide_and_step(GuideAndStep& in);

// diffusers evaluates the unconditional branch only if the high-noise scale exceeds 1, whatever the low-noise scale is; the official code
// always.
bool guidance_is_on(Reference reference, double guidance_high);

}  // namespace sampling
}  // namespace wan
