#include "engine/checkpoint/weights.h"

#include <ATen/ops/full.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::checkpoint {
namespace {

const TensorTable kTable = {{.name = "a", .diffusers = "A", .shape = {2, 3}}, {.name = "b", .diffusers = "B", .shape = {6}}};

class LoadWeights : public ::testing::Test {
 protected:
  Source source() const {
    const auto view = [&](std::vector<std::int64_t> shape) {
      return io::TensorView{.shape = std::move(shape), .data = std::as_bytes(std::span(values_))};
    };
    return {.place = "memory", .tensors = {{"A", view({2, 3})}, {"B", view({6})}}};
  }
  std::array<float, 6> values_ = {1, 2, 3, 4, 5, 6};
};

TEST_F(LoadWeights, ConvertsAndKeepsWhatThePolicySays) {
  const auto weights =
      load_weights(source(), kTable, {.dtype = at::kBFloat16, .keep_float32 = [](const std::string& n) { return n == "b"; }});
  EXPECT_EQ(weights.at("a").scalar_type(), at::kBFloat16);
  EXPECT_EQ(weights.at("b").scalar_type(), at::kFloat);
  EXPECT_EQ(weights.at("a")[1][2].item<float>(), 6.0F);
  EXPECT_EQ(weights.bytes(), 6 * 2 + 6 * 4);
  EXPECT_THROW(weights.at("c"), CheckError);
}

TEST_F(LoadWeights, SharesTheMappingWhereNothingChanges) {
  EXPECT_EQ(load_weights(source(), kTable, {.dtype = at::kFloat}).at("a").const_data_ptr(), values_.data());
}

// bfloat16's step at 1 is 2^-7. The sum lies above the middle of that step; the weight rounded before the addition is 1, and lies below it.
TEST_F(LoadWeights, AddsInFloat32AndRoundsOnce) {
  values_.fill(1.0F + 0x1p-9F);
  const auto small = [] { return at::full({2, 3}, 0x1p-8F - 0x1p-10F, at::TensorOptions(at::kFloat)); };
  const auto weights = load_weights(source(), kTable, {.additions = {{"a", small}}});
  EXPECT_EQ(weights.at("a").scalar_type(), at::kBFloat16);
  EXPECT_EQ(weights.at("a")[0][0].item<float>(), 1.0F + 0x1p-7F);
  EXPECT_EQ(weights.at("b")[0].item<float>(), 1.0F);
}

TEST_F(LoadWeights, CountsEveryByteOfTheFilesOnce) {
  std::int64_t bytes = 0;
  load_weights(source(), kTable,
               {.dtype = at::kBFloat16,
                .keep_float32 = [](const std::string& n) { return n == "b"; },
                .progress = [&](std::int64_t more) { bytes += more; }});
  EXPECT_EQ(bytes, 2 * 6 * 4) << "one tensor is converted, the other one mapped";
}

TEST(SyntheticWeights, LieInTheRangesOfRandomOnes) {
  const TensorTable table = {{.name = "w", .diffusers = "w", .shape = {2200, 2048}},  // longer than the period
                             {.name = "v", .diffusers = "v", .shape = {2200, 2048}},
                             {.name = "norm.weight", .diffusers = "n", .shape = {4096}}};
  const auto weights = synthetic_weights(table, {.dtype = at::kBFloat16}, 7);
  const double spread = std::sqrt(3.0 / 2048.0);
  const at::Tensor w = weights.at("w").to(at::kDouble);
  EXPECT_EQ(weights.at("w").scalar_type(), at::kBFloat16);
  EXPECT_LE(w.abs().amax().item<double>(), spread * 1.01);
  // The deviation of 4.5 million uniform values is known to a thousandth, and rounding to bfloat16 adds as little.
  EXPECT_NEAR(w.std().item<double>(), spread / std::sqrt(3.0), spread * 2e-3);
  EXPECT_FALSE(w.equal(weights.at("v").to(at::kDouble)));
  EXPECT_NEAR(weights.at("norm.weight").to(at::kDouble).mean().item<double>(), 1.0, 3e-3);
}

TEST(RandomWeights, AreTheSameEverywhere) {
  const TensorTable table = {{.name = "w", .diffusers = "w", .shape = {4, 16}}, {.name = "norm.weight", .diffusers = "n", .shape = {4}}};
  const auto weights = random_weights(table, {.dtype = at::kFloat}, 7);
  EXPECT_FLOAT_EQ(weights.at("w")[0][0].item<float>(), random_weights(table, {.dtype = at::kFloat}, 7).at("w")[0][0].item<float>());
  EXPECT_FALSE(weights.at("w").equal(random_weights(table, {.dtype = at::kFloat}, 8).at("w")));
  EXPECT_LE(weights.at("w").abs().amax().item<float>(), std::sqrt(3.0F / 16.0F) * 1.01F);
  EXPECT_NEAR(weights.at("norm.weight").mean().item<float>(), 1.0F, 0.06F);
}

}  // namespace
}  // namespace wan::checkpoint
