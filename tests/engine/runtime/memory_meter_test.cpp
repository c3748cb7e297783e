#include "engine/runtime/memory_meter.h"

#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

#include "engine/runtime/device.h"
#include "engine/runtime/tensor.h"

namespace wan::runtime {
namespace {

at::Tensor block(std::int64_t bytes) { return at::empty({bytes}, at::TensorOptions(at::kByte)); }

TEST(MemoryMeter, CountsWhatLivesAndTheMostThatDid) {
  const MemoryMeter meter;
  const at::Tensor before = block(1000);
  {
    const MemoryMeter::Scope scope(meter);
    const at::Tensor kept = block(3000);
    { const at::Tensor brief = block(5000); }
    EXPECT_EQ(meter.live_bytes(), 3000);
    EXPECT_EQ(meter.peak_bytes(), 8000);
  }
  EXPECT_EQ(meter.live_bytes(), 0);
}

TEST(MemoryMeter, GoesOnFromScopeToScopeAndHearsNothingBetween) {
  MemoryMeter meter;
  at::Tensor weights;
  {
    const MemoryMeter::Scope scope(meter);
    weights = block(4000);
  }
  const at::Tensor foreign = block(100000);
  {
    const MemoryMeter::Scope scope(meter);
    meter.reset_peak();
    EXPECT_EQ(meter.peak_bytes(), 4000) << "what is held counts from the start";
    report_mapping(weights.data_ptr(), 500);
    EXPECT_EQ(meter.peak_bytes(), 4500);
    report_mapping(weights.data_ptr(), -500);
    weights.reset();
  }
  EXPECT_EQ(meter.live_bytes(), 0);
  EXPECT_EQ(meter.peak_bytes(), 4500);
  report_mapping(nullptr, 500);  // nobody listens
}

TEST(MemoryMeter, ScopesOfTwoMetersDoNotMeet) {
  const MemoryMeter outer, inner;
  const MemoryMeter::Scope first(outer);
  {
    const MemoryMeter::Scope second(inner);
    const at::Tensor brief = block(700);
  }
  EXPECT_EQ(outer.peak_bytes(), 0);
  EXPECT_EQ(inner.peak_bytes(), 700);
}

TEST(FreeBytes, OfTheHostAreKnown) { EXPECT_GT(free_bytes(at::kCPU), std::int64_t{1} << 20); }

}  // namespace
}  // namespace wan::runtime
