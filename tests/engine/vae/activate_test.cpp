#include "engine/vae/activate.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/silu.h>
#include <c10/core/GradMode.h>

#include <limits>

#include "engine/runtime/device.h"
#include "engine/runtime/plugin.h"
#include "engine/seams.h"
#include "tests/engine/vae/fixtures.h"
#include "tests/support/engine/cuda.h"

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

struct GpuCase {
  std::vector<std::int64_t> shape;  // of x
  at::ScalarType type, gamma_type;
  bool history;
};

std::vector<GpuCase> gpu_cases() {
  std::vector<GpuCase> cases;
  const std::vector<std::vector<std::int64_t>> sizes = {{2, 3, 5, 7}, {1, 1, 1, 1}, {3, 2, 1, 33}};  // B, T, H, W
  for (const std::int64_t channels : {8, 24, 48, 96, 192, 320, 1024})
    for (const auto& s : sizes)
      for (const bool history : {false, true})
        for (const auto& [type, gamma_type] :
             {std::pair(at::kFloat, at::kFloat), {at::kBFloat16, at::kBFloat16}, {at::kBFloat16, at::kFloat}})
          cases.push_back({{s[0], channels, s[1], s[2], s[3]}, type, gamma_type, history});
  // More rows than one round of the grid holds, backward and forward.
  cases.push_back({{2, 8, 9, 97, 95}, at::kBFloat16, at::kBFloat16, true});
  cases.push_back({{1, 192, 4, 97, 91}, at::kBFloat16, at::kBFloat16, false});
  return cases;
}

// What one pass forward and back leaves.
struct Passed {
  at::Tensor output, of_x, of_gamma, of_history;
};

template <typename Extend>
Passed pass(const Extend& extend, const at::Tensor& history, const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& gradient) {
  const auto leaf = [](const at::Tensor& t) { return t.defined() ? t.detach().requires_grad_(true) : t; };
  const at::Tensor before = leaf(history), input = leaf(x), scale = leaf(gamma);
  const at::Tensor output = extend({.history = before, .frames = 2, .x = input, .gamma = scale});
  output.backward(gradient);
  return {output.detach(), input.grad(), scale.grad(), history.defined() ? before.grad() : at::Tensor()};
}

double largest(const at::Tensor& t) { return t.abs().max().item<double>(); }

// The plug-in's seams, which count the calls that went to the reference path.
Seams fused_seams(int& fallbacks) {
  Seams seams = reference_seams();
  seams.extend_activated = [&fallbacks, next = seams.extend_activated](const wan::ExtendActivated& in) {
    ++fallbacks;
    return next(in);
  };
  runtime::load_cuda_plugin().fill_seams(seams);
  return seams;
}

TEST(ExtendActivatedGpu, KernelAndItsGradientsAreThoseOfTheFormula) {
  WAN_SKIP_WITHOUT_CUDA();
  const at::Device device = runtime::open_device("cuda");
  int fallbacks = 0;
  const Seams seams = fused_seams(fallbacks);
  for (const GpuCase& c : gpu_cases()) {
    SCOPED_TRACE(::testing::Message() << at::IntArrayRef(c.shape) << (c.type == at::kFloat ? " float32" : " bfloat16")
                                      << (c.history ? " with history" : ""));
    auto extended_shape = c.shape, history_shape = c.shape;
    extended_shape[2] += 2;
    history_shape[2] = 2;
    const at::Tensor x = test::random_tensor(c.shape, 1).to(c.type), gamma = test::random_tensor({c.shape[1], 1, 1, 1}, 2).to(c.gamma_type),
                     history = c.history ? test::random_tensor(history_shape, 3).to(c.type) : at::Tensor(),
                     gradient = test::random_tensor(extended_shape, 4).to(c.type);
    const auto there = [&](const at::Tensor& t) { return t.defined() ? t.to(device).contiguous(kFormat) : t; };
    const Passed actual = pass(seams.extend_activated, there(history), there(x), gamma.to(device), there(gradient));
    {
      const c10::AutoGradMode off(false);
      const at::Tensor again = seams.extend_activated({.history = there(history), .frames = 2, .x = there(x), .gamma = gamma.to(device)});
      EXPECT_EQ(max_error(again.cpu(), actual.output.cpu()), 0) << "without gradients";
    }
    const auto wide = [](const at::Tensor& t) { return t.defined() ? t.to(at::kDouble) : t; };
    const Passed expected = pass(extend_activated, wide(history), wide(x), wide(gamma), wide(gradient));
    EXPECT_TRUE(actual.output.is_contiguous(kFormat));
    EXPECT_TRUE(actual.of_x.is_contiguous(kFormat));
    EXPECT_EQ(actual.output.scalar_type(), c.type);
    EXPECT_EQ(actual.of_x.scalar_type(), c.type);
    EXPECT_EQ(actual.of_gamma.scalar_type(), c.gamma_type);
    EXPECT_EQ(actual.of_gamma.sizes(), gamma.sizes());
    // Sums over n channels err by sqrt(n) eps, some ten operations by one each, and the difference of two terms in dx by the larger of
    // them, which is less than 8 times what is left; bfloat16 rounds the result by 2^-8 and its exponential errs by 20 eps.
    const double eps = std::numeric_limits<float>::epsilon(), channels = std::sqrt(static_cast<double>(c.shape[1]));
    const double arithmetic = 8 * (channels + (c.type == at::kFloat ? 10 : 30)) * eps;
    const auto rounding = [](at::ScalarType type) { return type == at::kFloat ? 0 : 0x1p-8; };
    const double rows = static_cast<double>(x.numel()) / static_cast<double>(c.shape[1]);
    EXPECT_TRUE(test::all_close(actual.output, expected.output, (arithmetic + rounding(c.type)) * largest(expected.output)));
    EXPECT_TRUE(test::all_close(actual.of_x, expected.of_x, (arithmetic + rounding(c.type)) * largest(expected.of_x)));
    EXPECT_TRUE(test::all_close(actual.of_gamma, expected.of_gamma,
                                (arithmetic + std::sqrt(rows) * eps + rounding(c.gamma_type)) * largest(expected.of_gamma)));
    if (c.history) {
      EXPECT_EQ(max_error(actual.of_history.cpu(), expected.of_history), 0);
    }
  }
  EXPECT_EQ(fallbacks, 0);
}

TEST(ExtendActivatedGpu, RowsOfZerosAreTheReferences) {
  WAN_SKIP_WITHOUT_CUDA();
  const at::Device device = runtime::open_device("cuda");
  int fallbacks = 0;
  const Seams seams = fused_seams(fallbacks);
  const at::Tensor x = at::zeros({1, 24, 1, 3, 5}, at::TensorOptions(at::kFloat)).contiguous(kFormat), gamma = waves({24, 1, 1, 1}),
                   gradient = test::random_tensor({1, 24, 3, 3, 5}, 1).contiguous(kFormat);
  const Passed actual = pass(seams.extend_activated, {}, x.to(device), gamma.to(device), gradient.to(device)),
               expected = pass(extend_activated, {}, x, gamma, gradient);
  EXPECT_EQ(largest(actual.output), 0);
  EXPECT_EQ(largest(actual.of_gamma), 0);
  EXPECT_LT(test::relative_l2(actual.of_x, expected.of_x), 1e-6);  // 1e12 times what comes
}

TEST(ExtendActivatedGpu, WhatTheKernelCannotTakeGoesToTheReference) {
  WAN_SKIP_WITHOUT_CUDA();
  const at::Device device = runtime::open_device("cuda");
  int fallbacks = 0, expected = 0;
  const Seams seams = fused_seams(fallbacks);
  const auto call = [&](const at::Tensor& x) {
    seams.extend_activated({.history = {}, .frames = 2, .x = x, .gamma = waves({x.size(1), 1, 1, 1}).to(x.device(), x.scalar_type())});
    EXPECT_EQ(fallbacks, ++expected);
  };
  const at::Tensor x = waves({1, 12, 2, 3, 5}).contiguous(kFormat);
  call(x);
  call(x.to(device, at::kBFloat16));  // 24 bytes a row
  call(x.to(device).contiguous());
  call(waves({1, 1028, 1, 1, 2}).contiguous(kFormat).to(device));
}

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
