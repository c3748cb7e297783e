#include "engine/trajectory.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/stack.h>
#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "engine/base/error.h"
#include "engine/io/safetensors.h"
#include "engine/runtime/tensor.h"

namespace wan {
namespace {

at::Tensor mapped_latents(const io::SafetensorsFile& file, const std::string& path, const char* name) {
  const auto& view = file.at(name);
  if (view.dtype != io::Dtype::f32 || view.shape.size() != 5 || view.numel() == 0)
    throw UsageError(fmt::format("{}: `{}` must be F32 [N, C, T, h, w], found {} [{}]", path, name, io::to_string(view.dtype),
                                 fmt::join(view.shape, ", ")));
  if (view.is_aligned())
    return at::from_blob(
        const_cast<std::byte*>(view.data.data()), view.shape, [owner = view.owner](void*) {}, at::TensorOptions(at::kFloat));
  at::Tensor copy = at::empty(view.shape, at::TensorOptions(at::kFloat));
  std::memcpy(copy.mutable_data_ptr<float>(), view.data.data(), view.data.size());
  return copy;
}

template <typename T>
std::vector<T> one_per_step(const io::SafetensorsFile& file, const std::string& path, const char* name, io::Dtype dtype,
                            std::int64_t steps) {
  const auto& view = file.at(name);
  if (view.dtype != dtype || view.shape != std::vector<std::int64_t>{steps})
    throw UsageError(fmt::format("{}: `{}` must be {} [{}], found {} [{}]", path, name, io::to_string(dtype), steps,
                                 io::to_string(view.dtype), fmt::join(view.shape, ", ")));
  std::vector<T> values(static_cast<std::size_t>(steps));
  std::memcpy(values.data(), view.data.data(), view.data.size());
  return values;
}

std::span<const std::byte> bytes_of(const at::Tensor& tensor) {
  return {static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()};
}

}  // namespace

Trajectory Trajectory::read(const std::string& path) {
  const auto file = io::SafetensorsFile::open(path);
  Trajectory trajectory{.latents = mapped_latents(file, path, "latents"), .velocity = mapped_latents(file, path, "velocity")};
  if (!trajectory.velocity.sizes().equals(trajectory.latents.sizes()))
    throw UsageError(fmt::format("{}: `velocity` and `latents` differ in shape", path));
  const std::int64_t steps = trajectory.latents.size(0);
  trajectory.timesteps = one_per_step<double>(file, path, "timesteps", io::Dtype::f64, steps);
  for (const std::uint8_t flag : one_per_step<std::uint8_t>(file, path, "low_noise", io::Dtype::u8, steps))
    trajectory.low_noise.push_back(flag != 0);
  return trajectory;
}

void TrajectoryRecorder::see(const StepView& view) {
  steps_.at(static_cast<std::size_t>(view.step)) = {.latents = view.latents.to(at::kCPU, at::kFloat, /*non_blocking=*/true),
                                                    .velocity = view.velocity.to(at::kCPU, at::kFloat, /*non_blocking=*/true),
                                                    .low_noise = view.low_noise};
}

void TrajectoryRecorder::write(const std::string& path) const {
  std::vector<at::Tensor> latents, velocities;
  std::vector<std::uint8_t> low_noise;
  for (const Step& step : steps_) {
    WAN_CHECK(step.latents.defined(), "a step of the trajectory was never seen");
    latents.push_back(step.latents);
    velocities.push_back(step.velocity);
    low_noise.push_back(step.low_noise ? 1 : 0);
  }
  const at::Tensor all_latents = at::cat(latents), all_velocities = at::cat(velocities);
  const auto count = static_cast<std::int64_t>(steps_.size());
  const std::vector<io::TensorToWrite> tensors = {
      {.name = "latents", .dtype = io::Dtype::f32, .shape = all_latents.sizes().vec(), .data = bytes_of(all_latents)},
      {.name = "velocity", .dtype = io::Dtype::f32, .shape = all_velocities.sizes().vec(), .data = bytes_of(all_velocities)},
      {.name = "timesteps", .dtype = io::Dtype::f64, .shape = {count}, .data = std::as_bytes(std::span(timesteps_))},
      {.name = "low_noise", .dtype = io::Dtype::u8, .shape = {count}, .data = std::as_bytes(std::span(low_noise))}};
  io::write_safetensors(path, tensors);
}

void VelocityComparison::see(const StepView& view) {
  const auto i = static_cast<std::size_t>(view.step);
  const at::Tensor found = view.velocity.flatten().to(at::kDouble);
  const at::Tensor expected = trajectory_.velocity[view.step].flatten().to(found.device(), at::kDouble);
  steps_.at(i) = at::stack({(found - expected).square().sum(), found.square().sum(), expected.square().sum(), (found * expected).sum()});
}

std::vector<StepError> VelocityComparison::errors() const {
  std::vector<StepError> errors;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    WAN_CHECK(steps_[i].defined(), "step {} was never seen", i);
    const at::Tensor sums = steps_[i].cpu();
    const double* s = sums.const_data_ptr<double>();
    errors.push_back({.step = static_cast<std::int64_t>(i),
                      .low_noise = trajectory_.low_noise[i],
                      .relative_l2 = std::sqrt(s[0] / s[2]),
                      .cosine = s[3] / std::sqrt(s[1] * s[2])});
  }
  return errors;
}

}  // namespace wan
