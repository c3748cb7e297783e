// The planes that libvmaf's SSIM and MS-SSIM look at, smaller copies of them, and its terms of SSIM. Rounding follows libvmaf: its scores
// of flat bright areas carry the float32 error of its moments, up to 1e-4 there.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "metrics/kernels/window.h"

namespace wan::metrics::structural {

// [height, width], levels 0 to 255.
struct Plane {
  std::int64_t height = 0, width = 0;
  std::vector<float> values = {};
};

// Y = 0.299 R + 0.587 G + 0.114 B on 0..255 (BT.601, full range), rounded to an integer, of [height, width, 3] bytes.
Plane luma(std::span<const std::uint8_t> rgb, std::int64_t height, std::int64_t width);

// Every `factor`-th pixel of the plane under a filter of taps x taps weights; the border repeats mirrored, the edge pixel included. As in
// libvmaf a side has size / factor results, and one more if it is odd.
struct Reduction {
  int factor, taps;
  std::span<const float> weights;  // [taps, taps]
};
Plane reduced(const Plane& plane, const Reduction& reduction, Simd simd);

// Means over the valid places of the 11-tap window, at least one.
LumaSums mean_terms(const Plane& x, const Plane& y, Simd simd, int threads);

}  // namespace wan::metrics::structural
