#include "metrics/kernels/blocks.h"

namespace wan::metrics::WAN_SIMD {
namespace {

constexpr int kChunk = 16;            // blocks
constexpr int kValues = kChunk * 12;  // in a row of a chunk

void sum(const std::uint8_t* x, const std::uint8_t* y, std::ptrdiff_t pitch, int blocks, int* sums) {
  for (int first = 0; first < blocks; first += kChunk) {
    const int here = blocks - first < kChunk ? blocks - first : kChunk;
    alignas(64) int columns[4][kValues] = {};
    for (int row = 0; row < 4; ++row) {
      const std::uint8_t *a = x + row * pitch + first * 12, *b = y + row * pitch + first * 12;
      for (int i = 0; i < here * 12; ++i) {
        columns[0][i] += a[i];
        columns[1][i] += b[i];
        columns[2][i] += a[i] * a[i] + b[i] * b[i];
        columns[3][i] += a[i] * b[i];
      }
    }
    for (int m = 0; m < 4; ++m)
      for (int block = 0; block < here; ++block)
        for (int c = 0; c < 3; ++c) {
          const int* from = columns[m] + block * 12 + c;
          sums[(m * blocks + first + block) * 3 + c] = from[0] + from[3] + from[6] + from[9];
        }
  }
}

// FFmpeg's constants for 64 pixels of 0..255, rounded to integers as there. All products of sums fit 31 bits.
constexpr int kC1 = 416, kC2 = 235963;

void similarity(const int* upper, const int* lower, int blocks, double* columns) {
  const int pitch = 3 * blocks;
  for (int i = 0; i < pitch - 3; ++i) {
    int m[4];
    for (int k = 0; k < 4; ++k) m[k] = upper[k * pitch + i] + upper[k * pitch + i + 3] + lower[k * pitch + i] + lower[k * pitch + i + 3];
    const int powers = m[0] * m[0] + m[1] * m[1], cross = m[0] * m[1];
    const int variances = m[2] * 64 - powers, covariance = m[3] * 64 - cross;
    columns[i] += (static_cast<double>(2 * cross + kC1) * (2 * covariance + kC2)) / (static_cast<double>(powers + kC1) * (variances + kC2));
  }
}

}  // namespace

extern const BlockKernels blocks;
const BlockKernels blocks{.sum = sum, .similarity = similarity};

}  // namespace wan::metrics::WAN_SIMD
