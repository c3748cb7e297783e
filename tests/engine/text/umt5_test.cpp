#include "engine/text/umt5.h"

#include <gtest/gtest.h>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"
#include "tests/support/engine/tensors.h"

namespace wan::text {
namespace {

class Umt5Oracle : public ::testing::TestWithParam<const char*> {};

// Prompt embeddings of the two references agree to 4e-7 (wan.md, last section); another summation order in two layers adds some 1e-6.
TEST_P(Umt5Oracle, PromptEmbeddingsEqualTransformers) {
  const auto root = test::oracle_case(GetParam());
  if (root.empty()) GTEST_SKIP() << "oracle case " << GetParam() << " is not here";
  const auto config = read_umt5_config(root / "diffusers/text_encoder/config.json");
  const auto weights = checkpoint::load_weights(root / "diffusers/text_encoder", "model", umt5_tensors(config), {.dtype = at::kFloat});
  const TextEncoder encoder(config, weights, test::shared_reference_seams());
  for (const std::string prefix : {"", "negative_"}) {
    const auto file = root / "expected.safetensors";
    const at::Tensor ids = test::read_tensor(file, prefix + "input_ids").to(at::kLong).flatten();
    const auto n = test::read_tensor(file, prefix + "attention_mask").to(at::kLong).sum().item<std::int64_t>();
    const at::Tensor states = encoder.encode({ids.const_data_ptr<std::int64_t>(), static_cast<std::size_t>(n)});
    const at::Tensor expected = test::read_tensor(file, prefix + "prompt_embeds");
    EXPECT_LT(test::relative_l2(states.squeeze(0), expected.narrow(0, 0, n)), 2e-6) << prefix;
    EXPECT_EQ(expected.narrow(0, n, expected.size(0) - n).abs().amax().item<float>(), 0.0F);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, Umt5Oracle, ::testing::Values("t2v_two_experts_dev", "t2v_single_expert_dev", "ti2v_dev"),
                         [](const auto& info) { return std::string(info.param); });

// wan.md 4.4: 0..7 are themselves; 8-11, 12-15, 16-22, 23-31, 32-45, 46-63, 64-90 and beyond are 8 to 15; keys behind the query add 16.
TEST(RelativePositionBucket, IsTheTable) {
  const std::vector<std::pair<std::int64_t, std::int64_t>> expected = {{0, 0},   {7, 7},   {8, 8},   {11, 8},  {12, 9},  {15, 9},
                                                                       {16, 10}, {22, 10}, {23, 11}, {31, 11}, {32, 12}, {45, 12},
                                                                       {46, 13}, {63, 13}, {64, 14}, {90, 14}, {91, 15}, {511, 15}};
  for (const auto& [distance, bucket] : expected) {
    EXPECT_EQ(relative_position_bucket(-distance), bucket) << distance;
    if (distance > 0) EXPECT_EQ(relative_position_bucket(distance), bucket + 16) << distance;
  }
}

TEST(TextEncoder, WalksEveryTensorAndRefusesForeignIds) {
  const Umt5Config config{.vocabulary = 20, .d_model = 12, .heads = 2, .d_kv = 4, .d_ff = 24, .layers = 2};
  const auto table = umt5_tensors(config);
  EXPECT_EQ(table.size(), static_cast<std::size_t>(10 * config.layers + 2));
  EXPECT_EQ(umt5_tensors({}).size(), 242U);  // UMT5-XXL
  const auto weights = checkpoint::random_weights(table, {.dtype = at::kFloat}, 1);
  const TextEncoder encoder(config, weights, test::shared_reference_seams());
  const std::vector<std::int64_t> ids = {3, 19, 1};
  EXPECT_EQ(encoder.encode(ids).sizes(), (std::vector<std::int64_t>{1, 3, 12}));
  EXPECT_THROW(encoder.encode(std::vector<std::int64_t>{20}), CheckError);
  for (const auto& spec : table) {
    auto without = weights;
    without.tensors.erase(spec.name);
    EXPECT_ANY_THROW(TextEncoder(config, without, test::shared_reference_seams())) << spec.name << " is never used";
  }
}

}  // namespace
}  // namespace wan::text
