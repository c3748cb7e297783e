#include "engine/vae/activate.h"

#include <ATen/Parallel.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/silu.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

#include "engine/runtime/tensor.h"
#include "engine/seams.h"
#include "engine/vae/frames.h"

namespace wan::vae {
namespace {

constexpr double kSmallestNorm = 1e-12;

bool can_fuse(const at::Tensor& x, const at::Tensor& gamma) {
  const bool followed = c10::GradMode::is_enabled() && (x.requires_grad() || gamma.requires_grad());
  return !followed && x.is_cpu() && x.scalar_type() == at::kFloat && gamma.scalar_type() == at::kFloat && gamma.is_contiguous() &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast3d);
}

// Rows of `width` channels. LibTorch's kernels for reductions and broadcasts start anew on each row, which costs more than the work where
// rows are this short. Inner loops over four lanes are what the compiler turns into vector instructions at -O2.
void normalize_rows(const float* __restrict x, const float* __restrict gamma, float* __restrict out, std::int64_t rows,
                    std::int64_t width) {
  constexpr std::int64_t kLanes = 4;
  const float root = std::sqrt(static_cast<float>(width));
  const std::int64_t whole = width / kLanes * kLanes;
  for (std::int64_t row = 0; row < rows; ++row, x += width, out += width) {
    float sums[kLanes] = {};
    for (std::int64_t i = 0; i < whole; i += kLanes)
      for (std::int64_t lane = 0; lane < kLanes; ++lane) sums[lane] += x[i + lane] * x[i + lane];
    for (std::int64_t i = whole; i < width; ++i) sums[0] += x[i] * x[i];
    const float length = std::sqrt((sums[0] + sums[1]) + (sums[2] + sums[3]));
    const float factor = root / std::max(length, static_cast<float>(kSmallestNorm));
    for (std::int64_t i = 0; i < whole; i += kLanes)
      for (std::int64_t lane = 0; lane < kLanes; ++lane) out[i + lane] = x[i + lane] * factor * gamma[i + lane];
    for (std::int64_t i = whole; i < width; ++i) out[i] = x[i] * factor * gamma[i];
  }
}

at::Tensor extend_fused(const at::Tensor& history, const at::Tensor& x, const at::Tensor& gamma) {
  const std::int64_t before = history.size(2), width = x.size(1), area = x.size(3) * x.size(4);
  auto shape = x.sizes().vec();
  shape[2] += before;
  at::Tensor extended = at::empty(shape, x.options().memory_format(at::MemoryFormat::ChannelsLast3d));
  extended.narrow(2, 0, before).copy_(history);
  const float* from = x.const_data_ptr<float>();
  const float* scale = gamma.const_data_ptr<float>();
  float* to = extended.mutable_data_ptr<float>();
  const std::int64_t frames = x.size(2);
  constexpr std::int64_t kRowsAGrain = 2048;
  // The rows of one sequence lie together, in input and output.
  for (std::int64_t b = 0; b < x.size(0); ++b)
    at::parallel_for(0, frames * area, kRowsAGrain, [&](std::int64_t begin, std::int64_t end) {
      normalize_rows(from + (b * frames * area + begin) * width, scale, to + ((b * (before + frames) + before) * area + begin) * width,
                     end - begin, width);
    });
  // Frame by frame: LibTorch's loops end in scalar code whose exponential rounds otherwise, and where they end must not depend on how many
  // frames a chunk has.
  for (std::int64_t b = 0; b < x.size(0); ++b)
    for (std::int64_t t = 0; t < frames; ++t) {
      at::Tensor frame = extended.select(0, b).select(1, before + t);  // [C, H, W], dense
      at::silu_(frame);
    }
  return extended;
}

}  // namespace

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& gamma) {
  const bool half = x.scalar_type() == at::kBFloat16 || x.scalar_type() == at::kHalf;
  const double root = std::sqrt(static_cast<double>(x.size(1)));
  const at::Tensor wide = half ? x.to(at::kFloat) : x;
  const at::Tensor length = at::linalg_vector_norm(wide, 2, {1}, /*keepdim=*/true).clamp_min(kSmallestNorm);  // [B, 1, (T,) H, W]
  if (half) return (wide / length).to(x.scalar_type()) * root * gamma;  // rounded where the reference rounds
  return wide * (root / length) * gamma;
}

at::Tensor extend_activated(const ExtendActivated& in) {
  const at::Tensor history = in.history.defined() ? in.history : zero_frames(in.x, in.frames);
  if (can_fuse(in.x, in.gamma)) return extend_fused(history, in.x, in.gamma);
  at::Tensor y = rms_norm(in.x, in.gamma);
  y = at::silu(y);
  return at::cat({history, y}, 2);
}

}  // namespace wan::vae
