#include "engine/quant/fp8.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <gtest/gtest.h>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"
#include "tests/support/engine/tensors.h"

namespace wan::quant {
namespace {

// LibTorch's own float8_e4m3fn conversion is the oracle, over every finite bfloat16 within range: halves, subnormals, signed zeros, the
// largest.
TEST(RoundToE4m3, EqualsTheFloat8TypeOnEveryBfloat16InRange) {
  const at::Tensor all = at::arange(65536, at::TensorOptions(at::kInt)).to(at::kShort).view(at::kBFloat16).to(at::kFloat);
  const at::Tensor x = all.masked_select(all.abs() <= 448.0);
  const at::Tensor expected = x.to(at::kFloat8_e4m3fn).to(at::kFloat), actual = round_to_e4m3(x).to(at::kFloat);
  EXPECT_TRUE(actual.equal(expected));
  EXPECT_GT(x.numel(), 30000);
}

TEST(RoundToE4m3, EqualsTheFloat8TypeOnFloat32Ties) {
  const at::Tensor x = test::random_tensor({4099}, 11) * 500.0;
  const at::Tensor in_range = x.masked_select(x.abs() <= 448.0);
  EXPECT_TRUE(round_to_e4m3(in_range).to(at::kFloat).equal(in_range.to(at::kFloat8_e4m3fn).to(at::kFloat)));
}

TEST(RoundToE4m3, SaturatesAndKeepsNan) {
  EXPECT_EQ(round_to_e4m3(at::full({1}, 1e9)).to(at::kFloat).item<float>(), 448.0F);
  EXPECT_EQ(round_to_e4m3(at::full({1}, -1e9)).to(at::kFloat).item<float>(), -448.0F);
  EXPECT_TRUE(round_to_e4m3(at::full({1}, std::nan(""))).to(at::kFloat).isnan().item<bool>());
  EXPECT_EQ(round_to_e4m3(at::full({0}, 1.0)).numel(), 0);
  EXPECT_THROW(round_to_e4m3(at::full({1}, 1.0, at::kDouble)), CheckError);
}

class QuantizeFp8 : public ::testing::TestWithParam<Granularity> {};

// Half a unit in the last place of 3 mantissa bits is 2^-4 relative; below the smallest normal (2^-6 of the scaled value) it is 2^-10
// absolute.
TEST_P(QuantizeFp8, ErrorStaysWithinHalfAUnit) {
  const at::Tensor x = test::random_tensor({33, 65}, 12) * at::arange(1, 34, at::TensorOptions(at::kFloat)).unsqueeze(1);
  const Fp8Tensor q = quantize_fp8(x, GetParam(), at::kBFloat16);
  const at::Tensor value = q.values.to(at::kFloat) * q.scale;
  const at::Tensor bound = x.abs() * 0x1p-4 + q.scale * 0x1p-10;
  EXPECT_TRUE(((value - x).abs() <= bound).all().item<bool>());
  EXPECT_TRUE((q.values.to(at::kFloat).abs() <= 448.0).all().item<bool>());
}

TEST_P(QuantizeFp8, ScalesArePowersOfTwoAndFillTheRange) {
  const Fp8Tensor q = quantize_fp8(test::random_tensor({5, 64}, 13) * 3.0, GetParam(), at::kBFloat16);
  const at::Tensor exponent = q.scale.log2();
  EXPECT_TRUE(exponent.equal(exponent.round()));
  EXPECT_GT(q.values.to(at::kFloat).abs().amax().item<float>(), 224.0F * 15.0F / 16.0F);  // at most one binade is given away
  EXPECT_EQ(q.scale.numel(), GetParam() == Granularity::per_tensor ? 1 : 5);
}

TEST_P(QuantizeFp8, ZerosStayZeros) {
  const Fp8Tensor q = quantize_fp8(at::full({2, 4}, 0.0), GetParam(), at::kBFloat16);
  EXPECT_TRUE((q.values.to(at::kFloat) * q.scale == 0).all().item<bool>());
}

INSTANTIATE_TEST_SUITE_P(Granularities, QuantizeFp8, ::testing::Values(Granularity::per_tensor, Granularity::per_channel),
                         [](const auto& info) { return info.param == Granularity::per_tensor ? "per_tensor" : "per_channel"; });

}  // namespace
}  // namespace wan::quant
