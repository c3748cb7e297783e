// Exact integer sums over the bytes of two frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "metrics/kernels/simd.h"

namespace wan::metrics {

struct PixelSumKernels {
  std::uint64_t (*squared_error)(const std::uint8_t* a, const std::uint8_t* b, std::size_t count);
  std::uint64_t (*absolute_error)(const std::uint8_t* a, const std::uint8_t* b, std::size_t count);
};
const PixelSumKernels& pixel_sum_kernels(Simd level);

// Sum of squared differences. The spans are equally long.
std::uint64_t squared_error(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);
// Sum of absolute differences.
std::uint64_t absolute_error(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

}  // namespace wan::metrics
