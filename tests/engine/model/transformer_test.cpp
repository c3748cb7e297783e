#include "engine/model/transformer.h"

#include <gtest/gtest.h>

#include "engine/model/tensor_table.h"
#include "engine/runtime/tensor.h"
#include "tests/support/engine/tensors.h"

namespace wan::model {
namespace {

using test::read_tensor;

TimeEmbedding time_at(const Transformer& transformer, double timestep) { return transformer.prepare_time(std::span(&timestep, 1)); }

struct Expert {
  const char* oracle;
  const char* folder;
  Part part;
};

class TransformerOracle : public ::testing::TestWithParam<Expert> {};

// float32 noise between library versions on these networks is 8e-6 (wan.md, last section); 5e-5 leaves room for another summation order.
TEST_P(TransformerOracle, ForwardEqualsDiffusers) {
  const auto& [oracle, folder, part] = GetParam();
  const auto root = test::oracle_case(oracle);
  if (root.empty()) GTEST_SKIP() << "oracle case " << oracle << " is not here";
  const auto config = read_transformer_config(root / "diffusers" / folder);
  const auto source = checkpoint::open_safetensors(root / "diffusers" / folder, "diffusion_pytorch_model", checkpoint::Layout::diffusers);
  const auto weights = checkpoint::load_weights(source, transformer_tensors(config), {.dtype = at::kFloat});
  const Transformer transformer(config, weights, part, test::shared_reference_seams());
  const auto file = root / "expected.safetensors";
  const std::string prefix = std::string(folder) + ".";
  at::Tensor input = read_tensor(file, prefix + "input");
  if (input.dim() == 4) input = input.unsqueeze(0);
  const at::Tensor timestep = read_tensor(file, prefix + "timestep").to(at::kDouble).flatten();
  const auto text = transformer.prepare_text(read_tensor(file, "prompt_embeds").unsqueeze(0));
  BlockHealth health;
  at::Tensor output =
      transformer.forward(input, time_at(transformer, timestep[0].item<double>()), text, transformer.prepare_rope(input.sizes()), &health);
  at::Tensor expected = read_tensor(file, prefix + "output");
  if (expected.dim() == 4) expected = expected.unsqueeze(0);
  EXPECT_LT(test::relative_l2(output, expected), 5e-5);
  ASSERT_EQ(health.finite.size(), static_cast<std::size_t>(config.layers));
  for (const at::Tensor& flag : health.finite) EXPECT_TRUE(flag.item<bool>());
}

INSTANTIATE_TEST_SUITE_P(Cases, TransformerOracle,
                         ::testing::Values(Expert{"t2v_two_experts_dev", "transformer", Part::high_noise},
                                           Expert{"t2v_two_experts_dev", "transformer_2", Part::low_noise},
                                           Expert{"t2v_single_expert_dev", "transformer", Part::high_noise},
                                           Expert{"ti2v_dev", "transformer", Part::high_noise}),
                         [](const auto& info) { return std::string(info.param.oracle) + "_" + info.param.folder; });

TransformerConfig small_config() {
  return {.heads = 2,
          .head_dim = 12,
          .ffn_dim = 40,
          .layers = 2,
          .in_channels = 4,
          .out_channels = 4,
          .text_dim = 10,
          .text_length = 7,
          .freq_dim = 16};
}

TEST(Transformer, WalksEveryTensorOfItsTable) {
  const auto config = small_config();
  const auto table = transformer_tensors(config);
  EXPECT_EQ(table.size(), static_cast<std::size_t>(27 * config.layers + 15));
  auto weights = checkpoint::random_weights(table, {.dtype = at::kFloat}, 1);
  EXPECT_NO_THROW(Transformer(config, weights, Part::high_noise, test::shared_reference_seams()));
  for (const auto& spec : table) {
    auto without = weights;
    without.tensors.erase(spec.name);
    EXPECT_ANY_THROW(Transformer(config, without, Part::high_noise, test::shared_reference_seams())) << spec.name << " is never used";
  }
}

TEST(Transformer, A14BHasTheKnownParameterCount) {
  const TransformerConfig a14b;
  std::int64_t parameters = 0;
  for (const auto& spec : transformer_tensors(a14b)) {
    std::int64_t n = 1;
    for (const auto extent : spec.shape) n *= extent;
    parameters += n;
  }
  EXPECT_EQ(parameters, 14'288'491'584);  // wan.md 1.3
}

TEST(Transformer, IsDifferentiable) {
  const auto config = small_config();
  auto weights = checkpoint::random_weights(transformer_tensors(config), {.dtype = at::kFloat}, 2);
  for (auto& [name, tensor] : weights.tensors) tensor.requires_grad_(true);
  const Transformer transformer(config, weights, Part::high_noise, test::shared_reference_seams());
  const at::Tensor latents = test::random_tensor({1, 4, 2, 4, 4}, 3);
  const auto text = transformer.prepare_text(test::random_tensor({1, 5, 10}, 4));
  transformer.forward(latents, time_at(transformer, 500.0), text, transformer.prepare_rope(latents.sizes()), nullptr)
      .square()
      .mean()
      .backward();
  for (const auto& [name, tensor] : weights.tensors) {
    // The key's bias shifts all scores of a query alike in cross attention without a norm; here a norm stands between, so every weight gets
    // a gradient.
    ASSERT_TRUE(tensor.grad().defined()) << name;
    EXPECT_TRUE(tensor.grad().isfinite().all().item<bool>()) << name;
  }
}

// A request's table must say what one timestep alone says; float32 products of several rows may sum in another order.
TEST(Transformer, TimeTableOfAScheduleEqualsEachTimestepAlone) {
  const auto config = small_config();
  const Transformer transformer(config, checkpoint::random_weights(transformer_tensors(config), {.dtype = at::kFloat}, 5), Part::high_noise,
                                test::shared_reference_seams());
  const std::vector<double> schedule = {1000.0, 875.0, 321.0, 0.0};
  const TimeEmbedding table = transformer.prepare_time(schedule);
  for (std::size_t i = 0; i < schedule.size(); ++i) {
    const TimeEmbedding row = table.row(static_cast<std::int64_t>(i)), alone = time_at(transformer, schedule[i]);
    EXPECT_LT(test::relative_l2(row.embedding, alone.embedding), 1e-6);
    EXPECT_LT(test::relative_l2(row.modulation, alone.modulation), 1e-6);
  }
}

TEST(Transformer, BatchIsTheSameAsEachAlone) {
  const auto config = small_config();
  const auto weights = checkpoint::random_weights(transformer_tensors(config), {.dtype = at::kFloat}, 5);
  const Transformer transformer(config, weights, Part::high_noise, test::shared_reference_seams());
  const at::Tensor latents = test::random_tensor({2, 4, 2, 4, 6}, 6), embeds = test::random_tensor({2, 5, 10}, 7);
  const auto rope = transformer.prepare_rope(latents.sizes());
  const at::Tensor both = transformer.forward(latents, time_at(transformer, 321.0), transformer.prepare_text(embeds), rope, nullptr);
  for (std::int64_t i = 0; i < 2; ++i) {
    const at::Tensor alone = transformer.forward(latents.narrow(0, i, 1), time_at(transformer, 321.0),
                                                 transformer.prepare_text(embeds.narrow(0, i, 1)), rope, nullptr);
    EXPECT_LT(test::relative_l2(both.narrow(0, i, 1), alone), 1e-5);
  }
}

}  // namespace
}  // namespace wan::model
