#include "engine/quant/int8.h"

#include <ATen/ops/full.h>
#include <ATen/ops/matmul.h>
#include <gtest/gtest.h>

#include "engine/runtime/tensor.h"
#include "tests/support/engine/tensors.h"

namespace wan::quant {
namespace {

TEST(QuantizeInt8, ErrorIsHalfAStepOfTheRow) {
  const at::Tensor x = test::random_tensor({17, 63}, 21) * 7.0;
  const Int8Tensor q = quantize_int8(x);
  // Half a step, and float32's own error of the division and the product.
  EXPECT_TRUE(((dequantize(q, at::kFloat) - x).abs() <= q.scale * (0.5 + 127 * 0x1p-22)).all().item<bool>());
  EXPECT_EQ(q.values.abs().amax().to(at::kInt).item<int>(), 127);
}

TEST(QuantizeInt8, ZeroRowsStayZero) {
  const at::Tensor zeros = at::full({3, 8}, 0.0);
  EXPECT_TRUE(dequantize(quantize_int8(zeros), at::kFloat).equal(zeros));
}

// int32 sums are exact, so only the two scalings round: 3 float32 roundings on the result.
TEST(Int8Matmul, EqualsExactArithmeticOnTheQuantisedValues) {
  const Int8Tensor x = quantize_int8(test::random_tensor({19, 64}, 22)), w = quantize_int8(test::random_tensor({40, 64}, 23));
  const at::Tensor exact =
      at::matmul(x.values.to(at::kDouble) * x.scale.to(at::kDouble), (w.values.to(at::kDouble) * w.scale.to(at::kDouble)).t());
  EXPECT_LT(test::relative_l2(int8_matmul(x, w, at::kFloat), exact), 3 * 6e-8);
}

}  // namespace
}  // namespace wan::quant
