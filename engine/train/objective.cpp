#include "engine/train/objective.h"

#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <torch/csrc/autograd/custom_function.h>

#include "engine/runtime/tensor.h"
#include "engine/vae/frames.h"

namespace wan::train {
namespace {

at::Tensor differences(const at::Tensor& x, std::int64_t dim) {
  return x.narrow(dim, 1, x.size(dim) - 1) - x.narrow(dim, 0, x.size(dim) - 1);
}

// One reduction; its gradient is one sign and one product.
at::Tensor mean_absolute(const at::Tensor& x) { return at::linalg_vector_norm(x, 1) / static_cast<double>(x.numel()); }

// Of pictures [n, C, H, W], down and across. Its gradient is written out, because LibTorch's of a slice fills and copies whole pictures.
struct MeanAbsoluteDifferences final : torch::autograd::Function<MeanAbsoluteDifferences> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& pictures) {
    const at::Tensor down = differences(pictures, 2), across = differences(pictures, 3);
    context->save_for_backward({down, across});
    return mean_absolute(down) + mean_absolute(across);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, const torch::autograd::variable_list& outer) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &down = saved[0], &across = saved[1];
    at::Tensor gradient =
        at::empty({down.size(0), down.size(1), across.size(2), down.size(3)}, down.options().memory_format(down.suggest_memory_format()))
            .zero_();
    const auto add = [&](const at::Tensor& difference, std::int64_t dim) {
      const at::Tensor sign = difference.sgn();
      const double share = 1.0 / static_cast<double>(difference.numel());
      gradient.narrow(dim, 1, sign.size(dim)).add_(sign, share);
      gradient.narrow(dim, 0, sign.size(dim)).sub_(sign, share);
    };
    add(down, 2);
    add(across, 3);
    return {gradient.mul_(outer[0])};
  }
};

// u of sigma.
double place(const NoiseRange& range, double sigma) { return sigma / (range.shift - (range.shift - 1) * sigma); }

}  // namespace

at::Tensor reconstruction_loss(const at::Tensor& error) { return mean_absolute(error); }

at::Tensor edge_loss(const at::Tensor& error) {
  constexpr int kScales = 3;
  at::Tensor pictures = vae::fold_frames(error), sum;  // [B F, 3, H, W]: of videos LibTorch's pooling knows the plain order alone
  for (int scale = 0; scale < kScales; ++scale) {
    if (scale > 0) pictures = at::avg_pool2d(pictures, {2, 2});
    const at::Tensor part = MeanAbsoluteDifferences::apply(pictures);
    sum = sum.defined() ? sum + part : part;
  }
  return sum / kScales;
}

at::Tensor divergence(const vae::Posterior& posterior) {
  return (posterior.mean.square() + at::exp(posterior.log_variance) - posterior.log_variance - 1.0).mean() / 2;
}

double share_of(const NoiseRange& range) { return place(range, range.highest) - place(range, range.lowest); }

std::vector<double> draw_levels(world::Random& random, std::int64_t count, const NoiseRange& range) {
  const double low = place(range, range.lowest), high = place(range, range.highest);
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
