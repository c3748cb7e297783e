#include "metrics/clip_profile.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "engine/base/error.h"

namespace wan::metrics {

namespace {

constexpr double kMovesMore = 4;
constexpr double kHalf = 0.5;

ClipProfile profile_of(std::span<const FrameStatistics> frames, std::int64_t height, std::int64_t width) {
  const double pixels = static_cast<double>(height * width);
  const double inner = static_cast<double>(std::max<std::int64_t>(height - 2, 0) * std::max<std::int64_t>(width - 2, 0));
  ClipProfile profile;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const FrameStatistics& frame = frames[i];
    const double r = static_cast<double>(frame.colour.sum[0]) / pixels, g = static_cast<double>(frame.colour.sum[1]) / pixels,
                 b = static_cast<double>(frame.colour.sum[2]) / pixels;
    const double y = 0.299 * r + 0.587 * g + 0.114 * b;
    profile.luma.push_back(y);
    profile.cb.push_back((b - y) / 1.772);
    profile.cr.push_back((r - y) / 1.402);
    profile.saturation.push_back(static_cast<double>(frame.colour.chroma) / pixels);
    profile.clipped.push_back(static_cast<double>(frame.colour.clipped) / (3 * pixels));
    profile.sharpness.push_back(static_cast<double>(frame.gradient) / pixels);
    profile.detail.push_back(inner > 0 ? std::sqrt(std::numbers::pi / 2) / 6 * static_cast<double>(frame.detail) / inner : 0);
    if (i > 0) profile.step.push_back(static_cast<double>(frame.step) / (3 * pixels));
  }
  return profile;
}

}  // namespace

ProfilePair profiles_of(const Statistics& statistics) {
  return {profile_of(statistics.reference, statistics.height, statistics.width),
          profile_of(statistics.candidate, statistics.height, statistics.width)};
}

std::vector<std::int64_t> repeated_frames(const ProfilePair& profiles, double motion) {
  std::vector<std::int64_t> frames;
  for (std::size_t i = 0; i < profiles.candidate.step.size(); ++i) {
    const double still = profiles.candidate.step[i], moved = profiles.reference.step[i];
    if (still <= motion && moved > motion && moved > kMovesMore * still) frames.push_back(static_cast<std::int64_t>(i) + 1);
  }
  return frames;
}

std::vector<double> difference(std::span<const double> a, std::span<const double> b) {
  WAN_CHECK(a.size() == b.size(), "profiles of {} and {} frames", a.size(), b.size());
  std::vector<double> result(a.size());
  std::transform(a.begin(), a.end(), b.begin(), result.begin(), std::minus<>());
  return result;
}

double mean(std::span<const double> values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

std::vector<double> moving_median(std::span<const double> values, std::int64_t radius) {
  const auto n = static_cast<std::int64_t>(values.size());
  std::vector<double> result;
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t from = std::max<std::int64_t>(i - radius, 0), to = std::min(i + radius + 1, n);
    result.push_back(median({values.begin() + from, values.begin() + to}));
  }
  return result;
}

Periodicity periodicity(std::span<const double> series, std::int64_t period) {
  const auto n = static_cast<std::int64_t>(series.size());
  if (n < 2 * period) return {};
  const std::vector<double> flat = difference(series, moving_median(series, period / 2));
  std::vector<double> sums(static_cast<std::size_t>(period)), counts(static_cast<std::size_t>(period));
  for (std::int64_t i = 0; i < n; ++i) {
    sums[static_cast<std::size_t>(i % period)] += flat[static_cast<std::size_t>(i)];
    counts[static_cast<std::size_t>(i % period)] += 1;
  }
  const double centre = mean(flat);
  double between = 0, total = 0, largest = 0;
  Periodicity found;
  for (std::size_t k = 0; k < sums.size(); ++k) {
    const double of_phase = sums[k] / counts[k];
    between += counts[k] * (of_phase - centre) * (of_phase - centre);
    if (std::abs(of_phase - centre) > largest) largest = std::abs(of_phase - centre), found.phase = static_cast<std::int64_t>(k);
    sums[k] = of_phase;
  }
  for (const double value : flat) total += (value - centre) * (value - centre);
  const auto [low, high] = std::minmax_element(sums.begin(), sums.end());
  found.amplitude = *high - *low;
  found.explained = total > 0 ? between / total : 0;
  const double stands_out = sums[static_cast<std::size_t>(found.phase)] - centre;
  found.repeated = stands_out != 0;
  for (std::int64_t i = found.phase; i < n; i += period)
    found.repeated = found.repeated && (flat[static_cast<std::size_t>(i)] - centre) / stands_out >= kHalf;
  return found;
}

}  // namespace wan::metrics
