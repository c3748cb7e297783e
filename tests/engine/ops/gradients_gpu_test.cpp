// The kernels that training goes through, against the reference path in float64: results and every gradient.
#include <gtest/gtest.h>

#include "engine/layer.h"
#include "engine/ops/linear.h"
#include "engine/ops/qk_norm_rope.h"
#include "engine/ops/residual_norm_modulate.h"
#include "engine/reference_seams.h"
#include "engine/runtime/device.h"
#include "engine/runtime/plugin.h"
#include "engine/runtime/tensor.h"
#include "tests/support/engine/cuda.h"
#include "tests/support/engine/tensors.h"

namespace wan::ops {
namespace {

// An op of some tensors; those without elements stand for absent ones.
using Op = std::function<std::vector<at::Tensor>(const Seams& seams, const std::vector<at::Tensor>& operands)>;

struct Results {
  std::vector<at::Tensor> outputs, gradients;
};

Results follow(const Op& op, const Seams& seams, const std::vector<at::Tensor>& operands) {
  std::vector<at::Tensor> leaves;
  for (const at::Tensor& operand : operands) {
    leaves.push_back(operand.defined() ? operand.detach().clone() : operand);
    if (operand.defined()) leaves.back().set_requires_grad(true);
  }
  Results results{.outputs = op(seams, leaves), .gradients = {}};
  at::Tensor loss;
  for (std::size_t i = 0; i < results.outputs.size(); ++i) {
    const at::Tensor& out = results.outputs[i];
    const at::Tensor weight = test::random_tensor(out.sizes().vec(), 90 + i).to(out.device());
    const at::Tensor part = (out.to(out.scalar_type() == at::kDouble ? at::kDouble : at::kFloat) * weight.to(at::kBFloat16)).sum();
    loss = loss.defined() ? loss + part : part;
  }
  loss.backward();
  for (const at::Tensor& leaf : leaves) results.gradients.push_back(leaf.defined() ? leaf.grad() : at::Tensor());
  return results;
}

class GradientsGpu : public ::testing::Test {
 protected:
  void SetUp() override {
    WAN_SKIP_WITHOUT_CUDA();
    device_ = runtime::open_device("cuda");
    const auto refuse = [](const auto&...) { ADD_FAILURE() << "the reference path was taken"; };
    fused_ = reference_seams();
    fused_.residual_norm_modulate = [refuse](const ResidualNormModulate& in) {
      refuse();
      return residual_norm_modulate(in);
    };
    runtime::load_cuda_plugin().fill_seams(fused_);
  }

  // `operands` as the op gets them; each result may be wrong by `tolerance` of its largest value.
  void expect_equal(const Op& op, const std::vector<at::Tensor>& operands, double tolerance) const {
    std::vector<at::Tensor> on_device, wide;
    for (const at::Tensor& operand : operands) {
      on_device.push_back(operand.defined() ? operand.to(device_) : operand);
      wide.push_back(operand.defined() ? operand.to(at::kDouble) : operand);
    }
    const Results actual = follow(op, fused_, on_device), expected = follow(op, reference_seams(), wide);
    const auto compare = [&](const at::Tensor& a, const at::Tensor& e, const char* what, std::size_t i) {
      ASSERT_EQ(a.defined(), e.defined()) << what << i;
      if (!a.defined()) return;
      ASSERT_EQ(a.sizes(), e.sizes()) << what << i;
      const double error = (a.detach().to(at::kCPU).to(at::kDouble) - e.detach()).abs().max().item<double>();
      EXPECT_LE(error, tolerance * e.detach().abs().max().item<double>()) << what << i;
    };
    for (std::size_t i = 0; i < expected.outputs.size(); ++i) compare(actual.outputs[i], expected.outputs[i], "output ", i);
    for (std::size_t i = 0; i < operands.size(); ++i) compare(actual.gradients[i], expected.gradients[i], "gradient ", i);
  }

  at::Device device_ = at::kCPU;
  Seams fused_;
};

// A few roundings to the operands' own type; sums over rows are float32.
double tolerance(at::ScalarType type) { return type == at::kBFloat16 ? 3 * 0x1p-9 : 2e-5; }

at::Tensor values(std::vector<std::int64_t> shape, int seed, at::ScalarType type) {
  return test::random_tensor(std::move(shape), static_cast<std::uint64_t>(seed)).to(type);
}

TEST_F(GradientsGpu, ResidualNormModulate) {
  const at::Tensor none;
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16})
    for (const std::int64_t d : {4, 64, 192, 260, 512})
      for (const auto& [batch, length] : {std::pair<std::int64_t, std::int64_t>{1, 1}, {3, 37}, {20, 192}}) {
        SCOPED_TRACE(::testing::Message() << toString(type) << " " << batch << "x" << length << "x" << d);
        const auto rows = [&](int seed, at::ScalarType of) { return values({batch, length, d}, seed, of); };
        const auto vector = [&](int seed) { return values({batch, 1, d}, seed, at::kFloat); };
        const Op op = [type](const Seams& seams, const std::vector<at::Tensor>& o) {
          const bool wide = o[0].scalar_type() == at::kDouble;
          auto out = seams.residual_norm_modulate({.residual = o[0],
                                                   .update = o[1],
                                                   .gate = o[2],
                                                   .norm_weight = o[3],
                                                   .norm_bias = o[4],
                                                   .scale = o[5],
                                                   .shift = o[6],
                                                   .eps = 1e-6,
                                                   .output_dtype = static_cast<int>(wide ? at::kDouble : type)});
          return std::vector{out.residual, out.activation.tensor};
        };
        const at::Tensor weight = values({d}, 4, at::kFloat) + 1.0, bias = values({d}, 5, at::kFloat);
        expect_equal(op, {rows(1, at::kFloat), none, none, none, none, vector(6), vector(7)}, tolerance(type));  // a block's first
        expect_equal(op, {rows(1, type), none, none, none, none, vector(6), vector(7)}, tolerance(type));        // the first block's
        expect_equal(op, {rows(1, at::kFloat), rows(2, type), vector(3), weight, bias, none, none}, tolerance(type));
        expect_equal(op, {rows(1, at::kFloat), rows(2, type), none, none, none, vector(6), vector(7)}, tolerance(type));
        expect_equal(
            op, {rows(1, at::kFloat), rows(2, type), none, none, none, values({1, 1, d}, 6, at::kFloat), values({1, 1, d}, 7, at::kFloat)},
            tolerance(type));
      }
}

TEST_F(GradientsGpu, QkNormRope) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16})
    for (const auto& [heads, head_dim] : {std::pair<std::int64_t, std::int64_t>{1, 4}, {3, 64}, {2, 32}, {4, 128}})
      for (const bool turns : {true, false})
        for (const std::int64_t batch : {1, 5}) {
          const std::int64_t length = 67, d = heads * head_dim;
          SCOPED_TRACE(::testing::Message() << toString(type) << " " << batch << "x" << length << "x" << heads << "x" << head_dim << turns);
          const at::Tensor angles = test::random_tensor({length, head_dim / 2}, 9) * 3.0;
          const Op op = [&](const Seams& seams, const std::vector<at::Tensor>& o) {
            const auto table = [&](const at::Tensor& t) {
              return turns ? t.to(o[0].device()).to(o[0].scalar_type() == at::kDouble ? at::kDouble : at::kFloat) : at::Tensor();
            };
            const at::Tensor cosine = table(angles.cos()), sine = table(angles.sin());
            const auto out = seams.qk_norm_rope({.query = o[0],
                                                 .key = o[1],
                                                 .query_weight = o[2],
                                                 .key_weight = o[3],
                                                 .cosine = cosine,
                                                 .sine = sine,
                                                 .heads = heads,
                                                 .eps = 1e-6});
            return std::vector{out[0], out[1]};
          };
          expect_equal(op,
                       {values({batch, length, d}, 1, type), values({batch, length, d}, 2, type), values({d}, 3, at::kFloat) + 1.0,
                        values({d}, 4, at::kFloat) + 1.0},
                       tolerance(type));
        }
}

// The products' own error: LibTorch sums bfloat16 in float32.
TEST_F(GradientsGpu, Project) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16})
    for (const std::int64_t rows : {1, 63, 12288})
      for (const auto& [in, out] : {std::pair<std::int64_t, std::int64_t>{64, 192}, {192, 66}, {640, 192}}) {
        SCOPED_TRACE(::testing::Message() << toString(type) << " " << rows << "x" << in << "x" << out);
        const Op op = [](const Seams& seams, const std::vector<at::Tensor>& o) {
          return std::vector{seams.project({.id = {}, .weight = o[1], .bias = o[2]}, {.tensor = o[0]})};
        };
        expect_equal(op, {values({1, rows, in}, 1, type), values({out, in}, 2, type), values({out}, 3, type)}, tolerance(type));
      }
}

}  // namespace
}  // namespace wan::ops
