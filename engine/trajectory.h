// Where each denoising step began and the velocity found there, kept as a file: what a second model is driven along, so that its velocity
// is compared at the same latents. Trajectories of two equally valid models part for good after a few steps; velocities on one trajectory
// do not.
//
// File: safetensors with `latents` and `velocity` [N, C, T, h, w] F32, `timesteps` [N] F64 and `low_noise` [N] U8 (1: the low-noise
// expert). The velocity is that after guidance.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "engine/generation.h"
#include "engine/seams.h"

namespace wan {

struct Trajectory {
  at::Tensor latents;   // [N, C, T, h, w] float32, on the host, in the mapped file
  at::Tensor velocity;  // the same
  std::vector<double> timesteps = {};
  std::vector<bool> low_noise = {};

  // Throws UsageError: the file, what was expected, what was found.
  static Trajectory read(const std::string& path);
};

// Looks at a request's steps; one that is done again replaces what was seen before.
class TrajectoryRecorder {
 public:
  explicit TrajectoryRecorder(const std::vector<double>& timesteps) : timesteps_(timesteps), steps_(timesteps.size()) {}
  void see(const StepView& view);
  void write(const std::string& path) const;  // the device must have done all steps

 private:
  struct Step {
    at::Tensor latents = {}, velocity = {};  // [1, C, T, h, w] on the host
    bool low_noise = false;
  };
  std::vector<double> timesteps_;
  std::vector<Step> steps_;
};

// The distance of each step's velocity from the trajectory's.
class VelocityComparison {
 public:
  explicit VelocityComparison(const Trajectory& trajectory) : trajectory_(trajectory), steps_(trajectory.timesteps.size()) {}
  void see(const StepView& view);
  std::vector<StepError> errors() const;  // waits for the device

 private:
  const Trajectory& trajectory_;
  std::vector<at::Tensor> steps_;  // [4] float64 each, on the device: |v - v*|^2, |v|^2, |v*|^2, v . v*
};

}  // namespace wan
