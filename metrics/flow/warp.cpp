#include "metrics/flow/warp.h"

#include <algorithm>
#include <cmath>

namespace wan::metrics::flow {
namespace {

// The four pixels around a point and their shares; the point is moved onto the picture.
struct Around {
  std::size_t index[4];
  float share[4];
};

Around around(float x, float y, std::int64_t height, std::int64_t width) {
  x = std::clamp(x, 0.0F, static_cast<float>(width - 1));
  y = std::clamp(y, 0.0F, static_cast<float>(height - 1));
  const auto left = static_cast<std::int64_t>(x), top = static_cast<std::int64_t>(y);
  const std::int64_t right = std::min(left + 1, width - 1), bottom = std::min(top + 1, height - 1);
  const float fx = x - static_cast<float>(left), fy = y - static_cast<float>(top);
  return {{static_cast<std::size_t>(top * width + left), static_cast<std::size_t>(top * width + right),
           static_cast<std::size_t>(bottom * width + left), static_cast<std::size_t>(bottom * width + right)},
          {(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy}};
}

float square(float x) { return x * x; }

}  // namespace

std::vector<std::uint8_t> usable_pixels(const Field& forward, const Field& backward) {
  const std::int64_t height = forward.height, width = forward.width;
  const float* w = forward.values.data();
  std::vector<std::uint8_t> usable(static_cast<std::size_t>(height * width));
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x) {
      const auto at = static_cast<std::size_t>(y * width + x);
      const float u = w[2 * at], v = w[2 * at + 1];
      const Around end = around(static_cast<float>(x) + u, static_cast<float>(y) + v, height, width);
      float back_u = 0, back_v = 0;
      for (std::size_t i = 0; i < 4; ++i) {
        back_u += end.share[i] * backward.values[2 * end.index[i]];
        back_v += end.share[i] * backward.values[2 * end.index[i] + 1];
      }
      const float size = square(u) + square(v);
      const bool occluded = square(u + back_u) + square(v + back_v) > 0.01F * (size + square(back_u) + square(back_v)) + 0.5F;
      float gradient = 0;
      if (x + 1 < width) gradient += square(u - w[2 * (at + 1)]) + square(v - w[2 * (at + 1) + 1]);
      const std::size_t below = at + static_cast<std::size_t>(width);
      if (y + 1 < height) gradient += square(u - w[2 * below]) + square(v - w[2 * below + 1]);
      usable[at] = !occluded && gradient <= 0.01F * size + 0.002F;
    }
  return usable;
}

Guide make_guide(std::span<const std::uint8_t> first, std::span<const std::uint8_t> second, std::int64_t height, std::int64_t width) {
  Guide guide{.flow = optical_flow(Method::dis_fast, first, second, height, width), .usable = {}};
  guide.usable = usable_pixels(guide.flow, optical_flow(Method::dis_fast, second, first, height, width));
  return guide;
}

double warp_error(const Guide& guide, std::span<const std::uint8_t> first, std::span<const std::uint8_t> second) {
  const Field& flow = guide.flow;
  double sum = 0;
  std::int64_t count = 0;
  for (std::int64_t y = 0; y < flow.height; ++y) {
    double row = 0;
    for (std::int64_t x = 0; x < flow.width; ++x) {
      const auto at = static_cast<std::size_t>(y * flow.width + x);
      if (!guide.usable[at]) continue;
      const Around end =
          around(static_cast<float>(x) + flow.values[2 * at], static_cast<float>(y) + flow.values[2 * at + 1], flow.height, flow.width);
      for (std::size_t c = 0; c < 3; ++c) {
        float warped = 0;
        for (std::size_t i = 0; i < 4; ++i) warped += end.share[i] * static_cast<float>(second[3 * end.index[i] + c]);
        row += square(static_cast<float>(first[3 * at + c]) - warped);
      }
      count += 3;
    }
    sum += row;
  }
  return count == 0 ? 0 : sum / (255.0 * 255.0) / static_cast<double>(count);
}

}  // namespace wan::metrics::flow
