// The optimisation t5_fp8_storage on an encoder of its own: how far from bfloat16, and how many bytes.
#include <ATen/ops/arange.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/configuration.h"
#include "engine/runtime/tensor.h"
#include "engine/text/umt5.h"
#include "tests/support/engine/tensors.h"

namespace wan::text {
namespace {

const Umt5Config kConfig{.vocabulary = 300, .d_model = 128, .heads = 4, .d_kv = 32, .d_ff = 320, .layers = 2};
const std::vector<std::int64_t> kIds = {5, 17, 299, 0, 42, 42, 128, 1};

Seams with_fp8_storage() {
  const std::vector<OptimizationChoice> list = {{.id = "t5_fp8_storage"}};
  return apply_configuration(list, {}).seams;
}

// Queries are small by the root of the heads' width, as the model is initialised, since its scores are not scaled.
checkpoint::Weights weights(at::ScalarType dtype) {
  auto made = checkpoint::random_weights(umt5_tensors(kConfig), {.dtype = dtype}, 7);
  for (auto& [name, tensor] : made.tensors)
    if (name.ends_with("attn.q.weight")) tensor = tensor / std::sqrt(static_cast<double>(kConfig.d_kv));
  return made;
}

// E4M3 keeps 3 bits after the leading one: a value in [1, 2) times a power of two is off by at most 1/16 and by 1/16/sqrt(3) = 0.036 in the
// root mean square, relative to 1. So no row, product or embedding is further off than that in the mean of its squares, and one of evenly
// spread values not nearer than half of it.
constexpr double kStep = 0.0361;

TEST(Fp8Storage, AProductIsOffByTheFormatsStepAndNoMore) {
  const auto seams = with_fp8_storage();
  const at::Tensor weight = test::random_tensor({200, 400}, 3), x = test::random_tensor({1, 50, 400}, 4);
  Linear layer{.id = {.part = Part::text, .role = Role::text_ffn}, .weight = weight};
  const at::Tensor exact = seams.project(layer, {.tensor = x});
  seams.pack_linear(layer);
  EXPECT_FALSE(layer.weight.defined());
  const double off = test::relative_l2(seams.project(layer, {.tensor = x}), exact);
  EXPECT_LT(off, kStep);
  EXPECT_GT(off, kStep / 2);
}

TEST(Fp8Storage, TheEncoderStaysWithinTheProductsErrorsInQuadrature) {
  const auto seams = std::make_shared<const Seams>(with_fp8_storage());
  const at::Tensor exact = TextEncoder(kConfig, weights(at::kFloat), test::shared_reference_seams()).encode(kIds);
  const at::Tensor stored = TextEncoder(kConfig, weights(at::kFloat), seams).encode(kIds);
  // The table and seven products a layer, each independent of the others and none amplified (norms keep the scale).
  const double bound = kStep * std::sqrt(1.0 + 7.0 * static_cast<double>(kConfig.layers));
  const double off = test::relative_l2(stored, exact);
  EXPECT_LT(off, bound);
  EXPECT_GT(off, kStep / 2);
  RecordProperty("relative_l2_times_1e6", static_cast<int>(off * 1e6));
}

// Widening is exact, so the dtype of the encoder adds its own roundings and nothing else.
TEST(Fp8Storage, TheTableIsTheSameNumbersInEveryDtype) {
  const auto seams = with_fp8_storage();
  const auto rows = [&](at::ScalarType dtype) {
    Linear table{.id = {.part = Part::text, .role = Role::token_embedding}, .weight = weights(dtype).at("token_embedding.weight")};
    table.dtype = dtype;
    seams.pack_linear(table);
    return seams.embed(table, at::arange(300, at::TensorOptions(at::kLong)));
  };
  EXPECT_EQ(rows(at::kBFloat16).scalar_type(), at::kBFloat16);
  EXPECT_TRUE(rows(at::kBFloat16).to(at::kFloat).equal(rows(at::kFloat)));
  EXPECT_LT(test::relative_l2(rows(at::kFloat), weights(at::kFloat).at("token_embedding.weight")), kStep);
}

TEST(Fp8Storage, HalvesTheBytesAndSaysSoBeforehand) {
  auto seams = with_fp8_storage();
  std::int64_t before = 0, after = 0, foretold = 0;
  seams.pack_linear = [&, pack = seams.pack_linear](Linear& layer) {
    const auto shape = layer.weight.sizes().vec();
    before += static_cast<std::int64_t>(layer.weight.nbytes());
    foretold += seams.packed_bytes(layer.id, shape[0], shape[1])->stored;
    pack(layer);
    ASSERT_FALSE(layer.weight.defined());
    after += layer.packed->bytes();
  };
  TextEncoder(kConfig, weights(at::kBFloat16), std::make_shared<const Seams>(seams));
  EXPECT_EQ(after, foretold);
  EXPECT_LT(100 * after, 52 * before) << "one byte of two, and a scale a row";
  EXPECT_FALSE(seams.packed_bytes({.part = Part::high_noise, .role = Role::ffn_up}, 8, 8)) << "the transformer is left alone";
}

}  // namespace
}  // namespace wan::text
