#include "metrics/kernels/winograd.h"

#include <array>

#include "engine/base/error.h"

namespace wan::metrics {

WAN_SIMD_TABLES(WinogradKernels, winograd, winograd_kernels)

std::vector<float> transform_filter(const std::vector<float>& kernel, std::size_t out, std::size_t in, std::size_t side) {
  WAN_CHECK((side == 3 || side == 5) && kernel.size() == out * in * side * side, "a filter of {} numbers", kernel.size());
  // Row i evaluates the filter's polynomial at the i-th point, divided by the product of that point's distances to the others.
  constexpr std::array<double, kTileSide - 1> kPoints{0, 1, -1, 2, -2}, kDistances{4, -6, -6, 24, 24};
  std::array<std::array<double, 5>, kTileSide> g{};
  for (std::size_t i = 0; i < kPoints.size(); ++i) {
    double power = 1;
    for (std::size_t k = 0; k < side; ++k, power *= kPoints[i]) g[i][k] = power / kDistances[i];
  }
  g[kTileSide - 1][side - 1] = 1;

  std::vector<float> transformed(kTilePoints * in * out);
  for (std::size_t i = 0; i < in; ++i)
    for (std::size_t o = 0; o < out; ++o) {
      const float* taps = kernel.data() + (o * in + i) * side * side;
      std::array<std::array<double, 5>, kTileSide> half{};
      for (std::size_t y = 0; y < kTileSide; ++y)
        for (std::size_t ky = 0; ky < side; ++ky)
          for (std::size_t kx = 0; kx < side; ++kx) half[y][kx] += g[y][ky] * static_cast<double>(taps[ky * side + kx]);
      for (std::size_t y = 0; y < kTileSide; ++y)
        for (std::size_t x = 0; x < kTileSide; ++x) {
          double sum = 0;
          for (std::size_t kx = 0; kx < side; ++kx) sum += g[x][kx] * half[y][kx];
          transformed[((y * kTileSide + x) * in + i) * out + o] = static_cast<float>(sum);
        }
    }
  return transformed;
}

}  // namespace wan::metrics
