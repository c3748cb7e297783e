#include "harness/plan/shape.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/harness/plan_files.h"

namespace wan::plan {
namespace {

const ModelDefaults kModel{
    .width = 128, .height = 128, .frames = 17, .steps = 40, .size_multiple = 16, .shift = 3, .guidance_low = 3, .guidance_high = 4};

TEST(ResolveShape, FillsZerosFromTheModel) {
  const Shape full = resolve_shape({.steps = 10, .guidance_high = 1.0}, kModel);
  EXPECT_EQ(full, (Shape{.width = 128, .height = 128, .frames = 17, .steps = 10, .shift = 3, .guidance_low = 3.0, .guidance_high = 1.0}));
  EXPECT_EQ(resolve_shape(full, ModelDefaults{}), full);
}

TEST(ResolveShape, ListsEveryFaultWithWhatWouldDo) {
  const Shape shape{.width = 100, .height = -16, .frames = 16, .steps = -1};
  EXPECT_EQ(testing::usage_error("/nowhere", [&] { resolve_shape(shape, kModel); }),
            "shape.height must be more than 0, got -16\n"
            "shape.steps must be more than 0, got -1\n"
            "shape.width must be a multiple of 16 for this model, got 100; 112 would do\n"
            "shape.frames must be 4k + 1, got 16; 17 would do");
}

}  // namespace
}  // namespace wan::plan
