#include "engine/ops/residual_norm_modulate.h"

#include <gtest/gtest.h>

#include "engine/reference_seams.h"
#include "engine/runtime/device.h"
#include "engine/runtime/plugin.h"
#include "engine/runtime/tensor.h"
#include "tests/support/engine/cuda.h"
#include "tests/support/engine/tensors.h"

namespace wan::ops {
namespace {

struct Operands {
  at::Tensor residual, update, gate, weight, bias, scale, shift;
  Operands to(at::Device device) const {
    const auto move = [&](const at::Tensor& t) { return t.defined() ? t.to(device) : t; };
    return {move(residual), move(update), move(gate), move(weight), move(bias), move(scale), move(shift)};
  }
  ResidualNormModulate args(at::ScalarType out) const {
    return {residual, update, gate, weight, bias, scale, shift, 1e-6, static_cast<int>(out)};
  }
};

// Formula in float64, written out.
ResidualAndActivation in_float64(const Operands& o) {
  const auto wide = [](const at::Tensor& t) { return t.to(at::kDouble); };
  at::Tensor x = wide(o.residual);
  if (o.update.defined()) x = x + (o.gate.defined() ? wide(o.gate) * wide(o.update) : wide(o.update));
  const at::Tensor mean = x.mean({2}, true), variance = (x - mean).square().mean({2}, true);
  at::Tensor y = (x - mean) / (variance + 1e-6).sqrt();
  if (o.weight.defined()) y = y * wide(o.weight) + wide(o.bias);
  if (o.scale.defined()) y = y * (wide(o.scale) + 1.0) + wide(o.shift);
  return {.residual = x, .activation = {.tensor = y}};
}

struct Shape {
  std::int64_t batch, rows, width;
  at::ScalarType residual, update, out;
  bool affine, gated, modulated, per_clip;
};

Operands make(const Shape& s) {
  Operands o;
  o.residual = (test::random_tensor({s.batch, s.rows, s.width}, 1) * 3.0).to(s.residual);
  if (s.gated) o.gate = test::random_tensor({s.per_clip ? s.batch : 1, 1, s.width}, 3);
  if (s.gated || s.affine) o.update = (test::random_tensor({s.batch, s.rows, s.width}, 2) * 2.0).to(s.update);
  if (s.affine) o.weight = test::random_tensor({s.width}, 4) + 1.0, o.bias = test::random_tensor({s.width}, 5);
  if (s.modulated)
    o.scale = test::random_tensor({s.per_clip ? s.batch : 1, 1, s.width}, 6),
    o.shift = test::random_tensor({s.per_clip ? s.batch : 1, 1, s.width}, 7);
  return o;
}

const std::vector<Shape> kShapes = {{1, 1, 4, at::kFloat, at::kFloat, at::kFloat, false, false, true, false},
                                    {1, 0, 128, at::kFloat, at::kFloat, at::kFloat, false, true, true, false},
                                    {2, 33, 128, at::kFloat, at::kBFloat16, at::kBFloat16, false, true, true, true},
                                    {1, 5, 132, at::kBFloat16, at::kFloat, at::kFloat, true, true, false, false},
                                    {1, 7, 1536, at::kFloat, at::kBFloat16, at::kBFloat16, true, false, false, false},
                                    {2, 3, 5120, at::kFloat, at::kBFloat16, at::kBFloat16, false, true, true, false},
                                    {1, 3, 129, at::kFloat, at::kFloat, at::kFloat, true, true, true, false},
                                    {1, 64, 8192, at::kFloat, at::kFloat, at::kFloat, false, true, true, false}};

// Inputs reach 7, the normed value about 4, times (1 + scale) and weight up to 4: outputs stay below 40. float32: the mean of n values in
// pairwise sums and a handful of operations, 8 eps * 40; a bfloat16 output adds half a unit of 40, 2^-9 * 40.
double tolerance(at::ScalarType out) { return 40 * (8 * 6e-8 + (out == at::kBFloat16 ? 0x1p-9 : 0.0)); }

void expect_close(const ResidualAndActivation& actual, const Operands& o, at::ScalarType out) {
  const auto expected = in_float64(o);
  EXPECT_EQ(actual.residual.scalar_type(), at::kFloat);
  EXPECT_EQ(actual.activation.tensor.scalar_type(), out);
  EXPECT_TRUE(test::all_close(actual.residual, expected.residual, 7 * 2 * 6e-8));
  EXPECT_TRUE(test::all_close(actual.activation.tensor, expected.activation.tensor, tolerance(out)));
}

TEST(ResidualNormModulate, ReferenceEqualsTheFormula) {
  for (const Shape& s : kShapes) {
    SCOPED_TRACE(::testing::Message() << s.batch << "x" << s.rows << "x" << s.width);
    const Operands o = make(s);
    expect_close(residual_norm_modulate(o.args(s.out)), o, s.out);
  }
}

TEST(ResidualNormModulateGpu, KernelEqualsTheFormula) {
  WAN_SKIP_WITHOUT_CUDA();
  const at::Device device = runtime::open_device("cuda");
  Seams seams = reference_seams();
  bool fell_back = false;
  seams.residual_norm_modulate = [&](const ResidualNormModulate& in) {
    fell_back = true;
    return residual_norm_modulate(in);
  };
  runtime::load_cuda_plugin().fill_seams(seams);
  for (const Shape& s : kShapes) {
    SCOPED_TRACE(::testing::Message() << s.batch << "x" << s.rows << "x" << s.width);
    fell_back = false;
    const Operands o = make(s), on_device = o.to(device);
    expect_close(seams.residual_norm_modulate(on_device.args(s.out)), o, s.out);
    EXPECT_EQ(fell_back, s.width % 4 != 0);
  }
}

}  // namespace
}  // namespace wan::ops
