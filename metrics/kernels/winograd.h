// Winograd's minimal filtering (Lavin and Gray: Fast Algorithms for Convolutional Neural Networks, CVPR 2016, section 4) with input tiles
// of 6x6 and the interpolation points 0, 1, -1, 2, -2 and infinity: convolutions of stride 1, 4x4 outputs a tile for a 3x3 filter (4 times
// fewer products than the definition), 2x2 for a 5x5 filter (2.8 times). The sums run in one fixed order at every level.
#pragma once

#include <cstddef>
#include <vector>

#include "metrics/kernels/simd.h"

namespace wan::metrics {

inline constexpr std::size_t kTileSide = 6, kTilePoints = kTileSide * kTileSide;

// Tiles first ... first + count - 1 of a map, row by row; tile (y, x) makes the outputs from (y, x) * step on.
struct Tiles {
  std::size_t height = 0, width = 0;  // of the map; the outputs' are the same
  std::size_t channels = 0;           // a multiple of 16
  std::size_t step = 0, padding = 0;  // 4 and 1 for a 3x3 filter, 2 and 2 for a 5x5
  std::size_t across = 0;             // tiles in a row
  std::size_t first = 0, count = 0;
};

struct WinogradKernels {
  // map [height, width, channels], zero beyond its edge -> points [36, count, channels]
  void (*transform_input)(const Tiles& tiles, const float* map, float* points);
  // points [36, count, channels] -> max(0, outputs + bias) into map [height, width, channels]
  void (*transform_output)(const Tiles& tiles, const float* points, const float* bias, float* map);
};
const WinogradKernels& winograd_kernels(Simd level);

// kernel [out, in, side, side], side 3 or 5 -> [36][in][out]. In double precision, rounded once.
std::vector<float> transform_filter(const std::vector<float>& kernel, std::size_t out, std::size_t in, std::size_t side);

}  // namespace wan::metrics
