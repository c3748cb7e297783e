// Solvers of the flow ODE: the velocity at the current latent becomes the next latent. State is the solver's own, so one object serves one
// clip.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "engine/sampling/schedule.h"

namespace wan::sampling {

class FlowSolver {
 public:
  virtual ~FlowSolver() = default;
  // `velocity` was evaluated at `latents`, both float32 and of one shape. Called once a step, in order. Out of place.
  virtual at::Tensor step(const at::Tensor& velocity, const at::Tensor& latents) = 0;
  // With its state, to come back to: a step out of place leaves what a copy holds alone.
  virtual std::unique_ptr<FlowSolver> clone() const = 0;
};

// `options` are those that the schedule was made with.
std::unique_ptr<FlowSolver> make_flow_solver(Solver solver, const Schedule& schedule, const SolverOptions& options = {});

}  // namespace wan::sampling
