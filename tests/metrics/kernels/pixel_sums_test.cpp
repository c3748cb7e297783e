#include "metrics/kernels/pixel_sums.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "engine/base/random.h"

namespace wan::metrics {
namespace {

TEST(PixelSums, AreExactAtEveryLevelAndLength) {
  SplitMix64 random(1);
  for (const std::size_t count : {0u, 1u, 31u, 64u, 4095u, 4096u, 4097u, 100003u}) {
    std::vector<std::uint8_t> a(count), b(count);
    std::uint64_t squares = 0, absolutes = 0;
    for (std::size_t i = 0; i < count; ++i) {
      a[i] = static_cast<std::uint8_t>(random.next() % 2 == 0 ? 0 : random.next());
      b[i] = static_cast<std::uint8_t>(random.next() % 2 == 0 ? 255 : random.next());
      const int difference = a[i] - b[i];
      squares += static_cast<std::uint64_t>(difference * difference);
      absolutes += static_cast<std::uint64_t>(std::abs(difference));
    }
    for (const Simd level : available_simd()) {
      EXPECT_EQ(pixel_sum_kernels(level).squared_error(a.data(), b.data(), count), squares) << to_string(level) << ' ' << count;
      EXPECT_EQ(pixel_sum_kernels(level).absolute_error(a.data(), b.data(), count), absolutes) << to_string(level) << ' ' << count;
    }
  }
}

}  // namespace
}  // namespace wan::metrics
