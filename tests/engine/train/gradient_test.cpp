// Derivatives of the model's own code against central differences in float64.
#include <ATen/ops/exp.h>
#include <ATen/ops/full.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "engine/model/tensor_table.h"
#include "engine/model/transformer.h"
#include "engine/reference_seams.h"
#include "engine/runtime/tensor.h"
#include "engine/text/umt5.h"
#include "engine/train/objective.h"
#include "engine/train/world/random.h"
#include "engine/vae/tensor_table.h"
#include "engine/vae/vae.h"
#include "tests/engine/vae/fixtures.h"

namespace wan::train {
namespace {

// A central difference of step h is off by h^2 times a third derivative and by rounding over h; at 1e-5 both are some 1e-10 of the loss.
constexpr double kStep = 1e-5, kTolerance = 1e-6;

void expect_gradients(checkpoint::Weights& weights, const std::function<at::Tensor()>& loss) {
  for (auto& [name, tensor] : weights.tensors) tensor.set_requires_grad(true);
  loss().backward();
  world::Random random(7);
  for (auto& [name, tensor] : weights.tensors) {
    ASSERT_TRUE(tensor.grad().defined()) << name;
    const at::Tensor gradient = tensor.grad().contiguous();
    const c10::AutoGradMode off(false);
    for (int i = 0; i < 3; ++i) {
      const std::int64_t place = random.below(static_cast<int>(tensor.numel()));
      double* value = tensor.mutable_data_ptr<double>() + place;
      const double before = *value;
      const auto at = [&](double x) {
        *value = x;
        return loss().item<double>();
      };
      const double difference = (at(before + kStep) - at(before - kStep)) / (2 * kStep);
      *value = before;
      EXPECT_NEAR(gradient.const_data_ptr<double>()[place], difference, kTolerance * std::max(1.0, std::abs(difference))) << name;
    }
  }
}

TEST(Gradient, OfTheTransformerIsThatOfDifferences) {
  const model::TransformerConfig config{.heads = 2,
                                        .head_dim = 12,
                                        .ffn_dim = 20,
                                        .layers = 2,
                                        .in_channels = 3,
                                        .out_channels = 3,
                                        .text_dim = 6,
                                        .text_length = 5,
                                        .freq_dim = 8};
  auto weights = checkpoint::random_weights(model::transformer_tensors(config), {.dtype = at::kDouble}, 3);
  const at::Tensor clean = vae::waves({2, 3, 2, 4, 6}, at::kDouble), noise = vae::waves({2, 3, 2, 4, 6}, at::kDouble).flip({1, 4}) * 1.3;
  const at::Tensor states = vae::waves({2, 4, 6}, at::kDouble);
  const at::Tensor sigma = at::full({2, 1, 1, 1, 1}, 0.7, at::TensorOptions(at::kDouble));
  const auto seams = std::make_shared<const Seams>(reference_seams());
  expect_gradients(weights, [&] {
    const model::Transformer transformer(config, weights, Part::high_noise, seams);
    const at::Tensor x = add_noise(clean, noise, sigma);
    const auto time = transformer.prepare_time(std::vector<double>{700.0, 650.5});
    return velocity_loss(transformer.forward(x, time, transformer.prepare_text(states), transformer.prepare_rope(x.sizes()), nullptr),
                         clean, noise);
  });
}

TEST(Gradient, OfTheTextEncoderIsThatOfDifferences) {
  const text::Umt5Config config{
      .vocabulary = 11, .d_model = 8, .heads = 2, .d_kv = 4, .d_ff = 12, .layers = 2, .buckets = 8, .max_distance = 16};
  auto weights = checkpoint::random_weights(text::umt5_tensors(config), {.dtype = at::kDouble}, 5);
  const std::vector<std::vector<std::int64_t>> prompts = {{3, 4, 5, 1}, {6, 1}};
  const auto batch = text::make_token_batch(config, prompts, 5);
  const at::Tensor target = vae::waves({2, 5, 8}, at::kDouble);
  const auto seams = std::make_shared<const Seams>(reference_seams());
  expect_gradients(weights, [&] {
    const text::TextEncoder encoder(config, weights, seams);
    return (encoder.encode(batch) * target).sum();
  });
}

class GradientOfVae : public testing::TestWithParam<bool> {};

// All terms of the objective; the absolute values have kinks, which values this far from equality do not meet.
TEST_P(GradientOfVae, IsThatOfDifferences) {
  const vae::VaeConfig config = GetParam() ? vae::small_residual_config() : vae::small_config();
  auto weights = checkpoint::random_weights(vae::tensor_table(config), {.dtype = at::kDouble}, 9);
  const std::int64_t side = 2 * config.spatial_factor();
  const at::Tensor video = vae::waves({1, 3, config.frames(2), side, side}, at::kDouble);
  const auto seams = std::make_shared<const Seams>(reference_seams());
  expect_gradients(weights, [&] {
    const vae::Vae vae(config, weights, seams);
    const auto posterior = vae.encode_distribution(video);
    const at::Tensor rebuilt = vae.decode(posterior.mean + at::exp(posterior.log_variance / 2) * 0.5);
    return reconstruction_loss(rebuilt - video) + edge_loss(rebuilt - video) + 0.1 * divergence(posterior);
  });
}
INSTANTIATE_TEST_SUITE_P(Architectures, GradientOfVae, testing::Bool(), [](const auto& param) { return param.param ? "wan22" : "wan21"; });

}  // namespace
}  // namespace wan::train
