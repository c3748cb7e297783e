// SSIM's terms under a sliding window, as means over an image.
#pragma once

#include <array>
#include <cstdint>

#include "metrics/kernels/window.h"

namespace wan::metrics::structural {

// Separable and symmetric: weights by distance from the centre.
struct Window {
  int radius = kMaxRadius;  // 3 or 5
  std::array<double, kMaxRadius + 1> weights = {};
};
// 11 taps, sigma 1.5, in float64 with sum 1.
Window gaussian_window();
// The same as float32 arithmetic gives it, as values: its sum isn't 1.
Window float32_gaussian_window();
Window uniform_window(int radius);

// The constants of Wang et al. 2004 for the range 0..255.
constexpr double kC1 = (0.01 * 255) * (0.01 * 255);
constexpr double kC2 = (0.03 * 255) * (0.03 * 255);

// What a window that reaches over the border sees there; `none`: it never does. `reflect` leaves the edge pixel out (c b | a b c) and
// needs sides of more than the radius.
enum class Border { none, reflect, zero };

// Two images, [height, width, 3] each.
template <typename Sample>
struct ImagePair {
  const Sample* x;
  const Sample* y;
  std::int64_t height, width;
};

enum class Term { similarity, contrast };  // SSIM whole, or without its luminance factor

struct TermOptions {
  Window window;
  Border border = Border::none;
  double c2 = kC2;  // C1 is kC1
  Term term = Term::similarity;
  Simd simd = best_simd();
  int threads = 1;
};

// Mean over all places of the window, for each channel. Independent of `simd` and `threads` to the last bit.
template <typename Sample>
std::array<double, 3> mean_term(const ImagePair<Sample>& pair, const TermOptions& options);

}  // namespace wan::metrics::structural
