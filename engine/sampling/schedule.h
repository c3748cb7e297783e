// Sigma grids and model timesteps of the flow solvers, as the official code and as diffusers define them (wan.md 6.2 and its last section).
// The official code has no Euler solver; Euler is diffusers' under both references. diffusers up to 0.36 had the official UniPC grid.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/generation.h"
#include "engine/sampling/solver_options.h"

namespace wan::sampling {

struct Schedule {
  std::vector<float> sigmas = {};      // steps + 1, descending, the last one 0 (or as the options say); the solver uses these
  std::vector<double> timesteps = {};  // steps; what the network sees: train_steps * sigma, truncated to an integer except for Euler
  std::int64_t train_steps = 1000;
};

// `reference` must be resolved (not automatic). Throws UsageError for steps < 1, shift <= 0, or steps that the options cannot serve.
Schedule make_schedule(Solver solver, Reference reference, std::int64_t steps, double shift, const SolverOptions& options = {});

}  // namespace wan::sampling
