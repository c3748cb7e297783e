// Structural similarity of 8 x 8 windows on a grid of 4 pixels, as FFmpeg's filter ssim defines it: exact integer moments of 4 x 4 blocks,
// four of which make a window. Pixels are interleaved RGB; a block or window has one value a channel.
#pragma once

#include <cstddef>
#include <cstdint>

#include "metrics/kernels/simd.h"

namespace wan::metrics {

struct BlockKernels {
  // Moments of one row of blocks: sums[m * 3 * blocks + 3 * block + channel], m = sum x, sum y, sum x^2 + y^2, sum x y.
  void (*sum)(const std::uint8_t* x, const std::uint8_t* y, std::ptrdiff_t pitch, int blocks, int* sums);
  // Adds the similarity of the blocks - 1 windows under two rows of blocks to `columns`, [3 * (blocks - 1)].
  void (*similarity)(const int* upper, const int* lower, int blocks, double* columns);
};
const BlockKernels& block_kernels(Simd level);

}  // namespace wan::metrics
