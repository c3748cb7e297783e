#include "engine/train/objective.h"

#include <ATen/ops/avg_pool3d.h>
#include <ATen/ops/exp.h>

#include "engine/runtime/tensor.h"

namespace wan::train {
namespace {

at::Tensor differences(const at::Tensor& x, std::int64_t dim) {
  return x.narrow(dim, 1, x.size(dim) - 1) - x.narrow(dim, 0, x.size(dim) - 1);
}

}  // namespace

at::Tensor reconstruction_loss(const at::Tensor& video, const at::Tensor& target) { return (video - target).abs().mean(); }

at::Tensor edge_loss(const at::Tensor& video, const at::Tensor& target) {
  constexpr int kScales = 3;
  at::Tensor error = video - target, sum;  // differences and means are linear: they may be taken of the error
  for (int scale = 0; scale < kScales; ++scale) {
    if (scale > 0) error = at::avg_pool3d(error, {1, 2, 2});
    const at::Tensor part = differences(error, 3).abs().mean() + differences(error, 4).abs().mean();
    sum = sum.defined() ? sum + part : part;
  }
  return sum / kScales;
}

at::Tensor divergence(const vae::Posterior& posterior) {
  return (posterior.mean.square() + at::exp(posterior.log_variance) - posterior.log_variance - 1.0).mean() / 2;
}

std::vector<double> draw_levels(world::Random& random, std::int64_t count, const NoiseRange& range) {
  const auto place = [&](double sigma) { return sigma / (range.shift - (range.shift - 1) * sigma); };  // the inverse: u of sigma
  const double low = place(range.lowest), high = place(range.highest);
  std::vector<double> levels;
  for (std::int64_t i = 0; i < count; ++i) {
    const double u = low + (high - low) * (static_cast<double>(i) + static_cast<double>(random.uniform())) / static_cast<double>(count);
    levels.push_back(range.shift * u / (1 + (range.shift - 1) * u));
  }
  return levels;
}

at::Tensor add_noise(const at::Tensor& clean, const at::Tensor& noise, const at::Tensor& sigma) {
  return clean * (1.0 - sigma) + noise * sigma;
}

at::Tensor velocity_loss(const at::Tensor& velocity, const at::Tensor& clean, const at::Tensor& noise) {
  return (velocity - (noise - clean)).square().mean();
}

}  // namespace wan::train
