#include "tests/support/metrics/direct_ssim.h"

namespace wan::testing {
namespace {

struct View {
  const VideoClip& clip;
  const DirectSsim& definition;
  std::int64_t channel;

  long double at(std::int64_t row, std::int64_t column) const {
    if (definition.border == DirectSsim::reflect) {
      row = reflected(row, clip.height);
      column = reflected(column, clip.width);
    } else if (row < 0 || row >= clip.height || column < 0 || column >= clip.width) {
      return 0;
    }
    return clip.rgb[static_cast<std::size_t>((row * clip.width + column) * 3 + channel)];
  }
  static std::int64_t reflected(std::int64_t at, std::int64_t size) { return at < 0 ? -at : at >= size ? 2 * size - 2 - at : at; }
};

long double similarity(const View& x, const View& y, std::int64_t row, std::int64_t column) {
  const DirectSsim& d = x.definition;
  const auto taps = static_cast<std::int64_t>(d.weights.size());
  const auto mean = [&](auto value) {
    long double result = 0;
    for (std::int64_t i = 0; i < taps; ++i)
      for (std::int64_t j = 0; j < taps; ++j)
        result += d.weights[static_cast<std::size_t>(i)] * d.weights[static_cast<std::size_t>(j)] * value(row + i, column + j);
    return result;
  };
  const long double mx = mean([&](auto i, auto j) { return x.at(i, j); });
  const long double my = mean([&](auto i, auto j) { return y.at(i, j); });
  // Tools take the mean of products less the product of means; where the weights don't sum to 1 that is not the centred moment.
  const long double excess = mean([](auto, auto) { return 1; }) - 1;
  const auto moment = [&](const View& a, long double ma, const View& b, long double mb) {
    return d.covariance_factor * (mean([&](auto i, auto j) { return (a.at(i, j) - ma) * (b.at(i, j) - mb); }) - excess * ma * mb);
  };
  const long double vx = moment(x, mx, x, mx), vy = moment(y, my, y, my), xy = moment(x, mx, y, my);
  return (2 * mx * my + d.c1) * (2 * xy + d.c2) / ((mx * mx + my * my + d.c1) * (vx + vy + d.c2));
}

}  // namespace

double direct_ssim(const VideoClip& x, const VideoClip& y, const DirectSsim& definition) {
  const auto taps = static_cast<std::int64_t>(definition.weights.size());
  const std::int64_t margin = definition.border == DirectSsim::none ? 0 : taps / 2;
  long double sum = 0;
  std::int64_t count = 0;
  for (std::int64_t row = -margin; row + taps <= x.height + margin; row += definition.step)
    for (std::int64_t column = -margin; column + taps <= x.width + margin; column += definition.step)
      for (std::int64_t channel = 0; channel < 3; ++channel, ++count)
        sum += similarity({x, definition, channel}, {y, definition, channel}, row, column);
  return static_cast<double>(sum / static_cast<long double>(count));
}

}  // namespace wan::testing
