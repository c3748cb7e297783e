#include "metrics/kernels/pixel_sums.h"

namespace wan::metrics::WAN_SIMD {
namespace {

// A block's sum fits 32 bits (4096 * 255^2 < 2^29), which keeps the inner loop at 32-bit lanes.
constexpr std::size_t kBlock = 4096;

std::uint64_t squared_error(const std::uint8_t* a, const std::uint8_t* b, std::size_t count) {
  std::uint64_t total = 0;
  for (std::size_t start = 0; start < count; start += kBlock) {
    const std::size_t end = count - start < kBlock ? count : start + kBlock;
    int block = 0;
    for (std::size_t i = start; i < end; ++i) {
      const short difference = static_cast<short>(a[i] - b[i]);
      block += difference * difference;
    }
    total += static_cast<std::uint64_t>(block);
  }
  return total;
}

std::uint64_t absolute_error(const std::uint8_t* a, const std::uint8_t* b, std::size_t count) {
  std::uint64_t total = 0;
  for (std::size_t start = 0; start < count; start += kBlock) {
    const std::size_t end = count - start < kBlock ? count : start + kBlock;
    int block = 0;
    for (std::size_t i = start; i < end; ++i) {
      const int difference = a[i] - b[i];
      block += difference < 0 ? -difference : difference;
    }
    total += static_cast<std::uint64_t>(block);
  }
  return total;
}

}  // namespace

extern const PixelSumKernels pixel_sums;
const PixelSumKernels pixel_sums{.squared_error = squared_error, .absolute_error = absolute_error};

}  // namespace wan::metrics::WAN_SIMD
