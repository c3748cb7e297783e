#include "metrics/kernels/pixel_sums.h"

#include "engine/base/error.h"

namespace wan::metrics {

WAN_SIMD_TABLES(PixelSumKernels, pixel_sums, pixel_sum_kernels)

std::uint64_t squared_error(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  WAN_CHECK(a.size() == b.size(), "frames of {} and {} bytes", a.size(), b.size());
  return pixel_sum_kernels(best_simd()).squared_error(a.data(), b.data(), a.size());
}

std::uint64_t absolute_error(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  WAN_CHECK(a.size() == b.size(), "frames of {} and {} bytes", a.size(), b.size());
  return pixel_sum_kernels(best_simd()).absolute_error(a.data(), b.data(), a.size());
}

}  // namespace wan::metrics
