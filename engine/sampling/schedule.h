// Sigma grids and model timesteps of the flow solvers, as the official code and as diffusers define them (wan.md 6.2 and its last section).
#pragma once

#include <cstdint>
#include <vector>

#include "engine/generation.h"

namespace wan::sampling {

struct Schedule {
  std::vector<float> sigmas = {};      // steps + 1, descending, the last one 0; the solver uses these
  std::vector<double> timesteps = {};  // steps; what the network sees: 1000 sigma, truncated to an integer except for Euler
};

// `reference` must be resolved (not automatic). Throws UsageError for steps < 1 or shift <= 0.
Schedule make_schedule(Solver solver, Reference reference, std::int64_t steps, double shift);

}  // namespace wan::sampling
