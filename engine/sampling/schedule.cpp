#include "engine/sampling/schedule.h"

#include <cmath>

#include "engine/base/error.h"

namespace wan::sampling {
namespace {

// The order of the operations is the references': a timestep is truncated, so the last bit of a sigma may decide it.
template <typename T>
T warp(T x, T shift) {
  return shift * x / (T{1} + (shift - T{1}) * x);
}

// numpy.linspace(first, last, count)[i]
double linspace(double first, double last, std::int64_t count, std::int64_t i) {
  if (count == 1) return first;
  return i == count - 1 ? last : static_cast<double>(i) * ((last - first) / static_cast<double>(count - 1)) + first;
}

double smallest(const SolverOptions& options) { return 1.0 / static_cast<double>(options.train_steps); }

// The official code's UniPC starts at the largest sigma of a float32 table, its DPM++ at 1.
double official_point(Solver solver, std::int64_t steps, std::int64_t i) {
  return linspace(solver == Solver::unipc ? static_cast<double>(0.999F) : 1.0, 0.0, steps + 1, i);
}

// diffusers' FlowMatchEulerDiscreteScheduler: from 1 to the warped smallest training sigma, to be warped once more.
double euler_point(std::int64_t steps, double shift, const SolverOptions& options, std::int64_t i) {
  const auto train_steps = static_cast<double>(options.train_steps);
  const auto sigma_min = static_cast<double>(warp(1.0F / static_cast<float>(options.train_steps), static_cast<float>(shift)));
  return linspace(train_steps, sigma_min * train_steps, steps, i) / train_steps;
}

double diffusers_point(Solver solver, std::int64_t steps, double shift, const SolverOptions& options, std::int64_t i) {
  if (solver == Solver::unipc) return linspace(1.0, smallest(options), steps + 1, i);
  if (solver == Solver::dpmpp) return 1.0 - linspace(1.0, smallest(options), steps + 1, steps - i);
  return euler_point(steps, shift, options, i);
}

// Stretches 1 - sigma so that the last sigma is `terminal`.
void stretch(std::vector<double>& sigmas, double terminal) {
  const double scale = (1.0 - sigmas.back()) / (1.0 - terminal);
  for (double& sigma : sigmas) sigma = 1.0 - (1.0 - sigma) / scale;
}

}  // namespace

Schedule make_schedule(Solver solver, Reference reference, std::int64_t steps, double shift, const SolverOptions& options) {
  WAN_CHECK(reference != Reference::automatic, "the reference must be resolved");
  if (steps < 1) throw UsageError(fmt::format("sample_steps must be at least 1, got {}", steps));
  if (!(shift > 0) || !std::isfinite(shift)) throw UsageError(fmt::format("sample_shift must be positive, got {}", shift));
  if (options.shift_terminal && steps == 1)
    throw UsageError("sample_steps 1 cannot meet the scheduler's shift_terminal: a grid of one point cannot be stretched; take 2 or more");
  const bool official = reference == Reference::official && solver != Solver::euler;
  std::vector<double> sigmas;
  for (std::int64_t i = 0; i < steps; ++i)
    sigmas.push_back(warp(official ? official_point(solver, steps, i) : diffusers_point(solver, steps, shift, options, i), shift));
  if (options.shift_terminal) stretch(sigmas, *options.shift_terminal);
  // diffusers keeps UniPC's sigma below 1, where the log signal-to-noise ratio would be infinite.
  if (!official && solver == Solver::unipc && std::abs(sigmas.front() - 1.0) < 1e-6) sigmas.front() -= 1e-6;

  Schedule schedule{.train_steps = options.train_steps};
  for (const double sigma : sigmas) {
    schedule.sigmas.push_back(static_cast<float>(sigma));
    schedule.timesteps.push_back(solver == Solver::euler
                                     ? static_cast<double>(schedule.sigmas.back() * static_cast<float>(options.train_steps))
                                     : std::trunc(sigma * static_cast<double>(options.train_steps)));
  }
  const double last = solver == Solver::dpmpp ? options.training_sigma_min : sigmas.back();
  schedule.sigmas.push_back(options.ends_at_zero ? 0.0F : static_cast<float>(last));
  return schedule;
}

}  // namespace wan::sampling
