#include "engine/vae/activate.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/silu.h>

#include <limits>

#include "engine/runtime/device.h"
#include "engine/runtime/plugin.h"
#include "engine/seams.h"
#include "tests/support/engine/cuda.h"
#include "tests/engine/vae/fixtures.h"

namespace wan::vae {
namespace {

constexpr auto kFormat = at::MemoryFormat::ChannelsLast3d;

// Straight from the definition, in float64.
at::Tensor expected_of(const at::Tensor& history, const at::Tensor& x, const at::Tensor& gamma) {
  const at::Tensor wide = x.to(at::kDouble);
  const at::Tensor length = wide.square().sum({1}, true).sqrt().clamp_min(1e-12);
  const at::Tensor normal = wide / length * std::sqrt(static_cast<double>(x.size(1))) * gamma.to(at::kDouble);
  return at::cat({history.to(at::kDouble), normal / (1 + (-normal).exp())}, 2);
}

at::Tensor extended(const at::Tensor& history, const at::Tensor& x, const at::Tensor& gamma) {
  return extend_activated({.history = history, .frames = history.size(2), .x = x, .gamma = gamma});
}

class ExtendActivated : public testing::TestWithParam<std::int64_t> {
 protected:
  std::int64_t channels_ = GetParam();
  at::Tensor x_ = waves({2, channels_, 3, 5, 7}).contiguous(kFormat);
  at::Tensor history_ = waves({2, channels_, 2, 5, 7}).mul(0.3).contiguous(kFormat);
  at::Tensor gamma_ = waves({channels_, 1, 1, 1}).add(0.2);
  // The sum of squares has a relative error of at most n eps / 2 and typically sqrt(n) of it; the root halves it, and five roundings
  // follow. |SiLU(y)| <= |y| <= sqrt(n) * 1.2.
  double tolerance_ = (std::sqrt(static_cast<double>(channels_)) + 5) * std::numeric_limits<float>::epsilon() *
                      std::sqrt(static_cast<double>(channels_)) * 1.2;
};

TEST_P(ExtendActivated, FusedIsTheDefinition) {
  const at::Tensor actual = extended(history_, x_, gamma_);
  EXPECT_TRUE(actual.is_contiguous(kFormat));
  EXPECT_TRUE(test::all_close(actual, expected_of(history_, x_, gamma_), tolerance_));
}

TEST_P(ExtendActivated, PlainLayoutIsTheDefinition) {
  const at::Tensor actual = extended(history_.contiguous(), x_.contiguous(), gamma_);
  EXPECT_TRUE(test::all_close(actual, expected_of(history_, x_, gamma_), tolerance_));
}

TEST_P(ExtendActivated, FollowedByAutogradIsTheDefinition) {
  const at::Tensor x = x_.clone().requires_grad_(true);
  const at::Tensor actual = extended(history_, x, gamma_);
  EXPECT_TRUE(actual.requires_grad());
  EXPECT_TRUE(test::all_close(actual, expected_of(history_, x_, gamma_), tolerance_));
}

INSTANTIATE_TEST_SUITE_P(Channels, ExtendActivated, testing::Values(1, 3, 4, 6, 8, 31, 32, 96));

TEST(RmsNorm, ZerosStayZeros) {
  const at::Tensor x = at::zeros({1, 8, 2, 2, 2}, at::TensorOptions(at::kFloat)).contiguous(kFormat);
  const at::Tensor gamma = waves({8, 1, 1, 1});
  EXPECT_EQ(max_error(rms_norm(x, gamma), x), 0);
  EXPECT_EQ(max_error(extended(x.narrow(2, 0, 1), x.narrow(2, 0, 1), gamma), x), 0);
}

TEST(RmsNorm, HalfTypesAreWidenedForTheDivision) {
  // Squares of 300 overflow half precision; of bfloat16 values their sum would lose the smaller ones.
  const at::Tensor x = waves({1, 16, 1, 2, 2}).mul(300);
  const at::Tensor gamma = at::zeros({16, 1, 1, 1}, at::TensorOptions(at::kFloat)).add(1);
  for (const at::ScalarType type : {at::kHalf, at::kBFloat16}) {
    const at::Tensor actual = rms_norm(x.to(type), gamma.to(type));
    EXPECT_EQ(actual.scalar_type(), type);
    // Roundings of the quotient, of its product with sqrt(16) (exact) and of x itself; values reach 4 at most.
    const double step = type == at::kHalf ? 0x1p-11 : 0x1p-8;
    EXPECT_TRUE(test::all_close(actual, rms_norm(x.to(type).to(at::kFloat), gamma), 4 * step));
  }
}

}  // namespace
}  // namespace wan::vae
