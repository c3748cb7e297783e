#include "engine/text/umt5.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

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
  const auto source = checkpoint::open_safetensors(root / "diffusers/text_encoder", "model", checkpoint::Layout::diffusers);
  const auto weights = checkpoint::load_weights(source, umt5_tensors(config), {.dtype = at::kFloat});
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
    if (distance > 0) {
      EXPECT_EQ(relative_position_bucket(distance), bucket + 16) << distance;
    }
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

constexpr std::int64_t kLength = 512;

// The encoder as the official code runs it: all 512 positions, the padding masked out with the lowest finite value. Written again from
// wan.md 4.4, so that it also checks where bfloat16 is rounded.
struct PaddedEncoder {
  const Umt5Config& config;
  const checkpoint::Weights& weights;

  at::Tensor norm(const at::Tensor& x, const std::string& name) const {
    const at::Tensor wide = x.to(at::kFloat);
    return weights.at(name) * (x * at::rsqrt(wide.pow(2).mean({-1}, true) + config.eps)).to(x.scalar_type());
  }
  at::Tensor bias(const std::string& block, std::int64_t valid) const {
    at::Tensor ids = at::zeros({kLength, kLength}, at::TensorOptions(at::kLong));
    for (std::int64_t q = 0; q < kLength; ++q)
      for (std::int64_t k = 0; k < kLength; ++k) ids.mutable_data_ptr<std::int64_t>()[q * kLength + k] = relative_position_bucket(k - q);
    const at::Tensor table = weights.at(block + "pos_embedding.embedding.weight");
    at::Tensor rows = table.index_select(0, ids.flatten()).view({kLength, kLength, config.heads}).permute({2, 0, 1}).unsqueeze(0).clone();
    const double lowest = table.scalar_type() == at::kFloat ? std::numeric_limits<float>::lowest() : -3.3895313892515355e38;  // of bfloat16
    rows.narrow(3, valid, kLength - valid).fill_(lowest);
    return rows;  // [1, heads, 512, 512]
  }
  at::Tensor encode(const std::vector<std::int64_t>& ids) const {
    at::Tensor tokens = at::zeros({kLength}, at::TensorOptions(at::kLong));
    std::copy(ids.begin(), ids.end(), tokens.mutable_data_ptr<std::int64_t>());
    at::Tensor x = weights.at("token_embedding.weight").index_select(0, tokens).unsqueeze(0);
    for (std::int64_t i = 0; i < config.layers; ++i) {
      const std::string block = fmt::format("blocks.{}.", i);
      const auto linear = [&](const at::Tensor& t, const char* name) { return at::linear(t, weights.at(block + name + ".weight")); };
      const auto heads = [&](const at::Tensor& t) { return t.view({1, kLength, config.heads, config.d_kv}).permute({0, 2, 1, 3}); };
      const at::Tensor n = norm(x, block + "norm1.weight");
      const at::Tensor scores = at::matmul(heads(linear(n, "attn.q")), heads(linear(n, "attn.k")).transpose(2, 3)) +
                                bias(block, static_cast<std::int64_t>(ids.size()));
      const at::Tensor shares = at::softmax(scores.to(at::kFloat), -1).to(x.scalar_type());
      x = x + linear(at::matmul(shares, heads(linear(n, "attn.v"))).permute({0, 2, 1, 3}).reshape({1, kLength, -1}), "attn.o");
      const at::Tensor m = norm(x, block + "norm2.weight"), gate = linear(m, "ffn.gate.0");
      const at::Tensor gelu = gate * 0.5 * (at::tanh((gate + gate.pow(3.0) * 0.044715) * std::sqrt(2.0 / M_PI)) + 1.0);
      x = x + linear(linear(m, "ffn.fc1") * gelu, "ffn.fc2");
    }
    return norm(x, "norm.weight").narrow(1, 0, static_cast<std::int64_t>(ids.size()));
  }
};

std::vector<std::int64_t> some_ids(std::int64_t count, std::int64_t vocabulary) {
  std::vector<std::int64_t> ids;
  for (std::int64_t i = 0; i < count; ++i) ids.push_back((i * 7919 + 3) % vocabulary);
  return ids;
}

class PaddingFree : public ::testing::TestWithParam<std::int64_t> {};

// Masked keys have weight exactly 0, so only the order of sums differs. In float32 that is some 1e-6 over the layers; in bfloat16 such a
// difference now and then tips a rounding, 2^-8 of one value, and the share of tipped values decides: 512 tokens, no padding, are equal.
TEST_P(PaddingFree, EqualsThePaddedForward) {
  const Umt5Config config{.vocabulary = 300, .d_model = 96, .heads = 4, .d_kv = 24, .d_ff = 200, .layers = 3};
  const auto ids = some_ids(GetParam(), config.vocabulary);
  for (const auto dtype : {at::kFloat, at::kBFloat16}) {
    const auto weights = checkpoint::random_weights(umt5_tensors(config), {.dtype = dtype}, 5);
    const at::Tensor free = TextEncoder(config, weights, test::shared_reference_seams()).encode(ids);
    const at::Tensor padded = PaddedEncoder{config, weights}.encode(ids);
    EXPECT_EQ(free.scalar_type(), dtype);
    const double distance = test::relative_l2(free, padded);
    RecordProperty(dtype == at::kFloat ? "float32" : "bfloat16", fmt::format("{:.3g}", distance));
    EXPECT_LT(distance, dtype == at::kFloat ? 5e-6 : 4e-3) << "tokens " << GetParam();
  }
}

INSTANTIATE_TEST_SUITE_P(Tokens, PaddingFree, ::testing::Values(1, 2, 31, 32, 33, 200, 511, 512));

// A value is rounded about 14 times a layer on its way, each time by up to 2^-9 of itself (uniform: / sqrt(3)), independently:
// sqrt(14 * layers) * 2^-9 / sqrt(3), and as much again for what enters through the other operand. UMT5 does not scale its scores, so
// random queries are made smaller, as training makes them; else softmax would magnify every rounding. Bounded below, else nothing was
// rounded.
TEST(TextEncoder, Bfloat16StaysNearFloat32) {
  const Umt5Config config{.vocabulary = 300, .d_model = 96, .heads = 4, .d_kv = 24, .d_ff = 200, .layers = 3};
  auto rounded = checkpoint::random_weights(umt5_tensors(config), {.dtype = at::kBFloat16}, 5);
  for (std::int64_t i = 0; i < config.layers; ++i) {
    at::Tensor& query = rounded.tensors.at(fmt::format("blocks.{}.attn.q.weight", i));
    query = query * 0.125;
  }
  auto wide = rounded;
  for (auto& [name, tensor] : wide.tensors) tensor = tensor.to(at::kFloat);
  const auto ids = some_ids(60, config.vocabulary);
  const at::Tensor expected = TextEncoder(config, wide, test::shared_reference_seams()).encode(ids);
  const double distance = test::relative_l2(TextEncoder(config, rounded, test::shared_reference_seams()).encode(ids), expected);
  EXPECT_LT(distance, 2 * std::sqrt(14.0 * 3) * std::ldexp(1.0, -9) / std::sqrt(3.0));
  EXPECT_GT(distance, std::ldexp(1.0, -9) / std::sqrt(3.0));
}

TEST(TextEncoder, GradientsReachEveryWeight) {
  const Umt5Config config{.vocabulary = 20, .d_model = 12, .heads = 2, .d_kv = 4, .d_ff = 24, .layers = 2};
  auto weights = checkpoint::random_weights(umt5_tensors(config), {.dtype = at::kFloat}, 2);
  for (auto& [name, tensor] : weights.tensors) tensor.requires_grad_(true);
  TextEncoder(config, weights, test::shared_reference_seams()).encode(std::vector<std::int64_t>{3, 19, 7, 1}).square().sum().backward();
  for (const auto& [name, tensor] : weights.tensors) {
    ASSERT_TRUE(tensor.grad().defined()) << name;
    EXPECT_GT(tensor.grad().abs().sum().item<float>(), 0.0F) << name;
  }
}

}  // namespace
}  // namespace wan::text
