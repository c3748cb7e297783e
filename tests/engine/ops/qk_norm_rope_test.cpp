#include "engine/ops/qk_norm_rope.h"

#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include "engine/model/rope.h"
#include "engine/runtime/tensor.h"
#include "tests/support/engine/tensors.h"

namespace wan::ops {
namespace {

struct Case {
  std::int64_t batch, frames, rows, columns, heads, head_dim;
  bool rotates;
};

class NormRope : public ::testing::TestWithParam<Case> {};

// wan.md 2.3 and 2.5 in float64: x / rms(x) * w, then pair i of a head times (cosine + i sine).
at::Tensor formula(const at::Tensor& x, const at::Tensor& weight, const QkNormRope& in) {
  const at::Tensor wide = x.to(at::kDouble);
  at::Tensor y = wide / (wide.square().mean({-1}, true) + in.eps).sqrt() * weight.to(at::kDouble);
  y = y.unflatten(2, {in.heads, -1}).transpose(1, 2);  // [B, heads, L, hd]
  if (!in.cosine.defined()) return y;
  const at::Tensor c = in.cosine.to(at::kDouble), s = in.sine.to(at::kDouble), pairs = y.unflatten(3, {-1, 2});
  const at::Tensor a = pairs.select(4, 0), b = pairs.select(4, 1);
  at::Tensor turned = pairs.clone();
  turned.select(4, 0).copy_(a * c - b * s);
  turned.select(4, 1).copy_(a * s + b * c);
  return turned.flatten(3);
}

TEST_P(NormRope, IsTheFormulaOnBothWays) {
  const Case& c = GetParam();
  const std::int64_t length = c.frames * c.rows * c.columns, width = c.heads * c.head_dim;
  const auto rope = model::make_rope_tables(c.frames, c.rows, c.columns, c.head_dim, at::kCPU);
  const at::Tensor none, cosine = c.rotates ? rope.cosine : none, sine = c.rotates ? rope.sine : none;
  for (const auto dtype : {at::kFloat, at::kBFloat16}) {
    const at::TensorOptions options(dtype);
    // A third of a wider tensor, as of q, k and v in one product: rows do not lie one behind the other.
    const at::Tensor x = (at::randn({c.batch, length, 3 * width}, at::TensorOptions(at::kFloat)) * 3).to(dtype).narrow(2, width, width);
    const at::Tensor weight = at::rand({width}, options);
    const QkNormRope in{
        .query = x, .key = none, .query_weight = weight, .key_weight = none, .cosine = cosine, .sine = sine, .heads = c.heads, .eps = 1e-6};
    const at::Tensor expected = formula(x, weight, in), one_pass = norm_rope(x, weight, in);
    const at::Tensor followed = norm_rope(x.detach().requires_grad_(true), weight, in);
    ASSERT_TRUE(followed.requires_grad());
    ASSERT_EQ(one_pass.scalar_type(), dtype);
    ASSERT_EQ(one_pass.strides(), followed.strides()) << "what follows sees the same layout";
    // A sum of `width` squares, a root and three products in float32, or one rounding to 8 bits: half a unit in the last place at most.
    const double tolerance = dtype == at::kFloat ? 4e-7 : 0x1p-8;
    EXPECT_LT(test::relative_l2(one_pass, expected), tolerance);
    EXPECT_LT(test::relative_l2(followed, expected), tolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, NormRope,
                         ::testing::Values(Case{1, 2, 3, 4, 1, 128, true}, Case{2, 1, 5, 3, 3, 10, true}, Case{1, 1, 1, 1, 2, 6, true},
                                           Case{2, 1, 30, 52, 12, 128, true}, Case{1, 1, 1, 77, 3, 20, false}));

TEST(NormRope, DoesNotDependOnHowRowsAreShared) {
  const at::Tensor x = at::randn({1, 300, 256}, at::TensorOptions(at::kFloat)), weight = at::rand({256}, at::TensorOptions(at::kFloat)),
                   none;
  const QkNormRope in{
      .query = x, .key = none, .query_weight = weight, .key_weight = none, .cosine = none, .sine = none, .heads = 2, .eps = 1e-6};
  const at::Tensor whole = norm_rope(x, weight, in);
  for (const std::int64_t row : {0, 1, 150, 299})
    EXPECT_TRUE(whole.narrow(2, row, 1).equal(norm_rope(x.narrow(1, row, 1), weight, in))) << row;
}

}  // namespace
}  // namespace wan::ops
