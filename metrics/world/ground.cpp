#include "metrics/world/ground.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/train/world/appearance.h"

namespace wan::metrics::world {
namespace {

// Common part of a difference and the length of the rest.
struct Difference {
  float light, hue;
};

Difference difference(const float* pixel, const Ground& ground, float down) {
  std::array<float, 3> d;
  for (std::size_t c = 0; c < 3; ++c) d[c] = pixel[c] - ground.middle[c] - ground.slope[c] * down;
  const float light = (d[0] + d[1] + d[2]) / 3;
  return {light, std::sqrt((d[0] - light) * (d[0] - light) + (d[1] - light) * (d[1] - light) + (d[2] - light) * (d[2] - light))};
}

float distance(Difference d, float tolerance) {
  const float light = std::max(0.0F, std::abs(d.light) - tolerance);
  return std::sqrt(3 * light * light + d.hue * d.hue);
}

// `row` as a height from -0.5 to 0.5.
float down_at(std::int64_t row, std::int64_t height) { return (static_cast<float>(row) + 0.5F) / static_cast<float>(height) - 0.5F; }

std::array<float, 3> median(const Picture& picture) {
  std::array<float, 3> result;
  constexpr std::size_t kStep = 7;  // pixels: in time with no pattern
  std::vector<float> values((picture.rgb.size() / 3 + kStep - 1) / kStep);
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = picture.rgb[3 * kStep * i + c];
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    result[c] = *middle;
  }
  return result;
}

// One step of weighted least squares; `scale`: levels at which a pixel's weight has fallen to a quarter.
void refine(Ground& ground, const Picture& picture, float scale) {
  double weights = 0, first = 0, second = 0;
  std::array<double, 3> sum = {}, moment = {};
  for (std::int64_t y = 0; y < picture.height; y += 2) {  // one pixel in eight is plenty for six numbers
    const float down = down_at(y, picture.height);
    for (std::int64_t x = y % 4; x < picture.width; x += 4) {
      const float* pixel = picture.rgb.data() + (y * picture.width + x) * 3;
      const float off = distance(difference(pixel, ground, down), 0) / scale;
      const double weight = 1 / static_cast<double>((1 + off * off) * (1 + off * off));
      weights += weight, first += weight * down, second += weight * down * down;
      for (std::size_t c = 0; c < 3; ++c) sum[c] += weight * pixel[c], moment[c] += weight * down * pixel[c];
    }
  }
  const double spread = weights * second - first * first;
  if (spread <= 1e-9 * weights * weights) return;
  for (std::size_t c = 0; c < 3; ++c) {
    const double slope = (weights * moment[c] - first * sum[c]) / spread;
    ground.slope[c] = static_cast<float>(slope);
    ground.middle[c] = static_cast<float>((sum[c] - slope * first) / weights);
  }
}

double wave_number(const Picture& picture) { return std::numbers::pi / static_cast<double>(picture.unit() * wan::world::kChecker); }

// The first harmonics of fields of the world's size, over what is not a thing.
void find_checkers(Ground& ground, const Picture& picture) {
  constexpr float kThing = 30, kTolerance = 30;  // levels
  const double k = wave_number(picture);
  std::vector<std::complex<double>> along(static_cast<std::size_t>(picture.width));
  for (std::int64_t x = 0; x < picture.width; ++x) along[static_cast<std::size_t>(x)] = std::polar(1.0, -k * static_cast<double>(x));
  std::array<std::complex<double>, 2> total = {};
  double seen = 0;
  for (std::int64_t y = 0; y < picture.height; ++y) {
    std::complex<double> row = 0;
    for (std::int64_t x = 0; x < picture.width; ++x) {
      const Difference d = difference(picture.rgb.data() + (y * picture.width + x) * 3, ground, down_at(y, picture.height));
      if (distance(d, kTolerance) > kThing) continue;
      row += static_cast<double>(d.light) * along[static_cast<std::size_t>(x)];
      ++seen;
    }
    const std::complex<double> turn = std::polar(1.0, -k * static_cast<double>(y));
    total[0] += row * turn, total[1] += row * std::conj(turn);
  }
  if (seen == 0) return;
  ground.waves = {total[0] / seen, total[1] / seen};
  // A square wave of height 1 has a first harmonic of 4 / pi in each direction, and a real wave has half of its height in each phase.
  constexpr double kHarmonic = 4 / std::numbers::pi / std::numbers::pi * 4 / 4;
  ground.checker = static_cast<float>((std::abs(ground.waves[0]) + std::abs(ground.waves[1])) / 2 / kHarmonic);
}

}  // namespace

Ground fit_ground(const Picture& picture) {
  Ground ground{.middle = median(picture)};
  for (const float scale : {60.0F, 40.0F, 25.0F, 25.0F, 25.0F}) refine(ground, picture, scale);
  find_checkers(ground, picture);
  return ground;
}

std::vector<float> stand_out(const Picture& picture, const Ground& ground) {
  const float tolerance = 8 + (ground.checker >= kCheckered ? ground.checker : 0);
  std::vector<float> result(static_cast<std::size_t>(picture.height * picture.width));
  for (std::int64_t y = 0, i = 0; y < picture.height; ++y)
    for (std::int64_t x = 0; x < picture.width; ++x, ++i)
      result[static_cast<std::size_t>(i)] = distance(difference(picture.rgb.data() + i * 3, ground, down_at(y, picture.height)), tolerance);
  return result;
}

float moved_right(const Ground& from, const Ground& to, const Picture& picture) {
  const std::complex<double> turn = to.waves[0] * std::conj(from.waves[0]) * to.waves[1] * std::conj(from.waves[1]);
  return static_cast<float>(-std::arg(turn) / 2 / wave_number(picture));
}

}  // namespace wan::metrics::world
