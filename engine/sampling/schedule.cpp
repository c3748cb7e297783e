#include "engine/sampling/schedule.h"

#include <cmath>

#include "engine/base/error.h"

namespace wan::sampling {
namespace {

constexpr double kTrainSteps = 1000.0;

double warp(double x, double shift) { return shift * x / (1.0 + (shift - 1.0) * x); }

// numpy.linspace(first, last, count)[i]
double linspace(double first, double last, std::int64_t count, std::int64_t i) {
  if (count == 1) return first;
  return i == count - 1 ? last : first + static_cast<double>(i) * ((last - first) / static_cast<double>(count - 1));
}

// UniPC and DPM++: `steps` points of a linear grid from `first` towards `last`, warped.
std::vector<double> warped_grid(double first, double last, std::int64_t steps, double shift) {
  std::vector<double> sigmas;
  for (std::int64_t i = 0; i < steps; ++i) sigmas.push_back(warp(linspace(first, last, steps + 1, i), shift));
  return sigmas;
}

// diffusers' FlowMatchEulerDiscreteScheduler: the grid ends at the warped smallest training sigma and is warped once more.
std::vector<double> euler_grid(std::int64_t steps, double shift) {
  const double sigma_min = warp(1.0 / kTrainSteps, shift);
  std::vector<double> sigmas;
  for (std::int64_t i = 0; i < steps; ++i)
    sigmas.push_back(warp(linspace(kTrainSteps, kTrainSteps * sigma_min, steps, i) / kTrainSteps, shift));
  return sigmas;
}

}  // namespace

Schedule make_schedule(Solver solver, Reference reference, std::int64_t steps, double shift) {
  WAN_CHECK(reference != Reference::automatic, "the reference must be resolved");
  if (steps < 1) throw UsageError(fmt::format("sample_steps must be at least 1, got {}", steps));
  if (!(shift > 0)) throw UsageError(fmt::format("sample_shift must be positive, got {}", shift));
  const bool diffusers = reference == Reference::diffusers;
  std::vector<double> sigmas;
  switch (solver) {
    case Solver::unipc:
      sigmas = diffusers ? warped_grid(1.0, 1.0 / kTrainSteps, steps, shift) : warped_grid(static_cast<double>(0.999F), 0.0, steps, shift);
      // diffusers keeps sigma below 1, where the log signal-to-noise ratio would be infinite.
      if (diffusers && std::abs(sigmas.front() - 1.0) < 1e-6) sigmas.front() -= 1e-6;
      break;
    case Solver::dpmpp:
      sigmas = warped_grid(diffusers ? 0.999 : 1.0, 0.0, steps, shift);
      break;
    case Solver::euler:
      sigmas = euler_grid(steps, shift);
      break;
  }
  Schedule schedule;
  for (const double sigma : sigmas) {
    schedule.sigmas.push_back(static_cast<float>(sigma));
    const double timestep = kTrainSteps * sigma;
    schedule.timesteps.push_back(solver == Solver::euler ? static_cast<double>(static_cast<float>(timestep)) : std::trunc(timestep));
  }
  schedule.sigmas.push_back(0.0F);
  return schedule;
}

}  // namespace wan::sampling
