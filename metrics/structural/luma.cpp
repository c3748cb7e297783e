#include "metrics/structural/luma.h"

#include <algorithm>

#include "metrics/kernels/pyramid.h"
#include "metrics/structural/frame_score.h"

namespace wan::metrics::structural {
namespace {

// libvmaf's weights have six decimals; they sum to 1.000002.
constexpr float kWeights[kMaxRadius + 1] = {0.266012f, 0.213006f, 0.109361f, 0.036001f, 0.007599f, 0.001028f};

std::int64_t mirrored(std::int64_t at, std::int64_t size) { return at < 0 ? -1 - at : at >= size ? 2 * size - 1 - at : at; }

}  // namespace

Plane luma(std::span<const std::uint8_t> rgb, std::int64_t height, std::int64_t width) {
  Plane plane{.height = height, .width = width, .values = std::vector<float>(rgb.size() / 3)};
  for (std::size_t i = 0; i < plane.values.size(); ++i)
    plane.values[i] = static_cast<float>((299 * rgb[3 * i] + 587 * rgb[3 * i + 1] + 114 * rgb[3 * i + 2] + 500) / 1000);
  return plane;
}

Plane reduced(const Plane& plane, const Reduction& reduction, Simd simd) {
  const int factor = reduction.factor, taps = reduction.taps, reach = taps / 2;
  Plane out{.height = plane.height / factor + plane.height % 2, .width = plane.width / factor + plane.width % 2};
  const std::int64_t room = (out.width + 15) / 16 * 16, pitch = room + (taps / factor + 15) / 16 * 16;
  const Decimation decimation{.factor = factor, .taps = taps, .weights = reduction.weights.data(), .pitch = pitch, .count = out.width};
  // A ring of rows, each split by column modulo the factor; every input row is split once.
  const std::int64_t row_size = factor * pitch;
  std::vector<float> rows(static_cast<std::size_t>(taps * row_size)), line(static_cast<std::size_t>(room));
  // An odd width that the factor divides has its last result at the column beyond the last.
  std::vector<float> padded(static_cast<std::size_t>(plane.width + 2 * (taps + factor)));
  const auto split = [&](std::int64_t row, float* to) {
    const float* from = plane.values.data() + mirrored(row, plane.height) * plane.width;
    float* middle = padded.data() + reach;
    std::copy_n(from, plane.width, middle);
    for (int x = 0; x <= reach; ++x) middle[plane.width + x] = from[plane.width - 1 - x];
    for (int x = 0; x < reach; ++x) middle[-1 - x] = from[x];
    for (int phase = 0; phase < factor; ++phase)
      for (std::int64_t x = 0, end = out.width + (taps - 1) / factor; x < end; ++x) to[phase * pitch + x] = padded[factor * x + phase];
  };
  out.values.resize(static_cast<std::size_t>(out.height * out.width));
  for (std::int64_t row = 0; row < out.height; ++row) {
    const int kept = row == 0 ? 0 : std::max(0, taps - factor);
    if (kept > 0) std::copy(rows.begin() + factor * row_size, rows.begin() + (factor + kept) * row_size, rows.begin());
    for (int v = kept; v < taps; ++v) split(row * factor + v - reach, rows.data() + v * row_size);
    pyramid_kernels(simd).decimate_row(rows.data(), decimation, line.data());
    std::copy_n(line.begin(), out.width, out.values.begin() + row * out.width);
  }
  return out;
}

LumaSums mean_terms(const Plane& x, const Plane& y, Simd simd, int threads) {
  const std::int64_t places = x.width - 2 * kMaxRadius, rows = x.height - 2 * kMaxRadius, strips = (places + kStrip - 1) / kStrip;
  std::vector<LumaSums> sums(static_cast<std::size_t>(strips));
  share(threads, strips, [&](std::int64_t i) {
    const std::int64_t at = i * kStrip;
    window_kernels(simd).luma({.x = x.values.data() + at,
                               .y = y.values.data() + at,
                               .pitch = x.width,
                               .rows = x.height,
                               .count = static_cast<int>(std::min<std::int64_t>(kStrip, places - at))},
                              kWeights, sums[static_cast<std::size_t>(i)]);
  });
  LumaSums mean{};
  for (const LumaSums& sum : sums) {
    mean.similarity += sum.similarity;
    mean.luminance += sum.luminance;
    mean.contrast += sum.contrast;
    mean.structure += sum.structure;
  }
  for (double* value : {&mean.similarity, &mean.luminance, &mean.contrast, &mean.structure}) *value /= static_cast<double>(places * rows);
  return mean;
}

}  // namespace wan::metrics::structural
