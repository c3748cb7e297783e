#include "engine/model/rope.h"

#include <gtest/gtest.h>

#include "engine/runtime/tensor.h"

namespace wan::model {
namespace {

// Golden values of wan.md 2.3: head size 128, position 20 on the axis of the pair.
TEST(Rope, GoldenAngles) {
  const auto tables = make_rope_tables(21, 21, 21, 128, at::kCPU);
  const std::int64_t token = (20 * 21 + 20) * 21 + 20;
  const auto check = [&](std::int64_t pair, float cosine, float sine) {
    EXPECT_FLOAT_EQ(tables.cosine[token][pair].item<float>(), cosine) << pair;
    EXPECT_FLOAT_EQ(tables.sine[token][pair].item<float>(), sine) << pair;
  };
  check(0, 0.408082062F, 0.912945251F);
  check(1, 0.829662269F, 0.558265635F);
  check(21, 0.99999538F, 0.00303981748F);
  check(22, 0.408082062F, 0.912945251F);
  check(42, 0.999995192F, 0.00310102659F);
  check(63, 0.999995192F, 0.00310102659F);
}

TEST(Rope, EachPairFollowsItsOwnAxis) {
  const auto tables = make_rope_tables(3, 4, 5, 128, at::kCPU);
  const auto at_token = [&](std::int64_t f, std::int64_t r, std::int64_t c) { return (f * 4 + r) * 5 + c; };
  EXPECT_NE(tables.sine[at_token(1, 0, 0)][0].item<float>(), 0.0F);
  EXPECT_EQ(tables.sine[at_token(0, 3, 4)][0].item<float>(), 0.0F);
  EXPECT_NE(tables.sine[at_token(0, 1, 0)][22].item<float>(), 0.0F);
  EXPECT_EQ(tables.sine[at_token(2, 0, 4)][22].item<float>(), 0.0F);
  EXPECT_NE(tables.sine[at_token(0, 0, 1)][43].item<float>(), 0.0F);
  EXPECT_EQ(tables.sine[at_token(2, 3, 0)][43].item<float>(), 0.0F);
}

}  // namespace
}  // namespace wan::model
