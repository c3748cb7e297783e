// Structural similarity under a sliding window: windowed moments of two images and the sums of SSIM's terms over a strip of columns.
// Windows are separable and symmetric and stay inside the image that they are given; borders are the caller's.
//
// A strip is narrow so that its ring of filtered rows lies in the first-level cache. Its sums are taken row by row into one number a
// column, then over the columns from left to right: they depend on the strip alone.
#pragma once

#include <cstddef>
#include <cstdint>

#include "metrics/kernels/simd.h"

namespace wan::metrics {

constexpr int kMaxRadius = 5;
constexpr int kStrip = 96;  // values; a multiple of 3, so that a strip of interleaved pixels begins with red

// Columns of two images: `count` results from 1 to kStrip need `count` + window - 1 values a row from `x` and `y` on.
template <typename Sample>
struct Strip {
  const Sample* x;
  const Sample* y;
  std::ptrdiff_t pitch;  // values from row to row
  std::int64_t rows;     // at least the window
  int count;
};

// ((2 mx my + c1) (2 cov + c2)) / ((mx^2 + my^2 + c1) (vx + vy + c2)); without `luminance` the contrast-structure part alone.
struct SimilarityTerms {
  const double* weights;  // [radius + 1] by distance from the centre
  int radius;             // 3 or 5
  double c1, c2;
  bool luminance;
};

// Sums over a strip of libvmaf's terms.
struct LumaSums {
  double similarity, luminance, contrast, structure;
};

struct WindowKernels {
  // Interleaved RGB, float64 throughout; adds to the sums of the three channels. Products of bytes, and of their means over up to 256
  // pixels, are exact, so the moments need no shift.
  void (*similarity_bytes)(const Strip<std::uint8_t>& strip, const SimilarityTerms& terms, double* sums);
  void (*similarity_floats)(const Strip<float>& strip, const SimilarityTerms& terms, double* sums);
  // One plane, radius 5, rounded where libvmaf rounds: each product with a weight, each filtered row and column, and the variances are
  // float32, sums of products float64. (Those are exact, so their order is free.) Ratios are float64, which keeps 1 for equal images.
  void (*luma)(const Strip<float>& strip, const float* weights, LumaSums& sums);
};
const WindowKernels& window_kernels(Simd level);

}  // namespace wan::metrics
