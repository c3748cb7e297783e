#include "metrics/structural/window.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include "metrics/structural/frame_score.h"

namespace wan::metrics::structural {

Window gaussian_window() {
  Window window;
  double sum = 0;
  for (int i = 0; i <= window.radius; ++i) {
    window.weights[i] = std::exp(-0.5 * i * i / (1.5 * 1.5));
    sum += i == 0 ? window.weights[i] : 2 * window.weights[i];
  }
  for (double& weight : window.weights) weight /= sum;
  return window;
}

Window float32_gaussian_window() {
  return {.weights = {0x1.10656p-2, 0x1.b43c3ep-3, 0x1.bff0fep-4, 0x1.26eb18p-5, 0x1.f1fe02p-8, 0x1.0d957p-10}};
}

Window uniform_window(int radius) {
  Window window{.radius = radius};
  for (int i = 0; i <= radius; ++i) window.weights[i] = 1.0 / (2 * radius + 1);
  return window;
}

namespace {

std::int64_t reflected(std::int64_t at, std::int64_t size) { return at < 0 ? -at : at >= size ? 2 * size - 2 - at : at; }

// `image` with `margin` pixels more on each side.
template <typename Sample>
std::vector<Sample> with_border(const Sample* image, std::int64_t height, std::int64_t width, int margin, Border border) {
  const std::int64_t tall = height + 2 * margin, wide = width + 2 * margin;
  std::vector<Sample> out(static_cast<std::size_t>(tall * wide * 3));
  for (std::int64_t row = 0; row < tall; ++row) {
    const bool inside = row >= margin && row < height + margin;
    if (!inside && border == Border::zero) continue;
    const Sample* from = image + reflected(row - margin, height) * width * 3;
    Sample* to = out.data() + (row * wide + margin) * 3;
    std::copy(from, from + width * 3, to);
    if (border == Border::zero) continue;
    for (std::int64_t x = 1; x <= margin; ++x)
      for (int c = 0; c < 3; ++c) {
        to[-3 * x + c] = from[3 * x + c];
        to[3 * (width - 1 + x) + c] = from[3 * (width - 1 - x) + c];
      }
  }
  return out;
}

}  // namespace

template <typename Sample>
std::array<double, 3> mean_term(const ImagePair<Sample>& pair, const TermOptions& options) {
  if (options.border != Border::none) {
    const int margin = options.window.radius;
    const auto x = with_border(pair.x, pair.height, pair.width, margin, options.border);
    const auto y = with_border(pair.y, pair.height, pair.width, margin, options.border);
    TermOptions inside = options;
    inside.border = Border::none;
    return mean_term<Sample>({x.data(), y.data(), pair.height + 2 * margin, pair.width + 2 * margin}, inside);
  }
  const SimilarityTerms terms{.weights = options.window.weights.data(),
                              .radius = options.window.radius,
                              .c1 = kC1,
                              .c2 = options.c2,
                              .luminance = options.term == Term::similarity};
  const WindowKernels& kernels = window_kernels(options.simd);
  const std::int64_t places = pair.width - 2 * options.window.radius, rows = pair.height - 2 * options.window.radius;
  const std::int64_t values = places * 3, strips = (values + kStrip - 1) / kStrip;
  std::vector<std::array<double, 3>> sums(static_cast<std::size_t>(strips));
  share(options.threads, strips, [&](std::int64_t i) {
    const std::int64_t at = i * kStrip;
    const Strip<Sample> strip{.x = pair.x + at,
                              .y = pair.y + at,
                              .pitch = pair.width * 3,
                              .rows = pair.height,
                              .count = static_cast<int>(std::min<std::int64_t>(kStrip, values - at))};
    double* out = sums[static_cast<std::size_t>(i)].data();
    if constexpr (std::is_same_v<Sample, float>)
      kernels.similarity_floats(strip, terms, out);
    else
      kernels.similarity_bytes(strip, terms, out);
  });
  std::array<double, 3> mean{};
  for (const auto& sum : sums)
    for (std::size_t c = 0; c < 3; ++c) mean[c] += sum[c];
  for (double& value : mean) value /= static_cast<double>(places * rows);
  return mean;
}

template std::array<double, 3> mean_term<std::uint8_t>(const ImagePair<std::uint8_t>&, const TermOptions&);
template std::array<double, 3> mean_term<float>(const ImagePair<float>&, const TermOptions&);

}  // namespace wan::metrics::structural
