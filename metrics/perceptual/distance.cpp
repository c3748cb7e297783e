#include "metrics/perceptual/distance.h"

#include <algorithm>
#include <vector>

#include "metrics/kernels/feature_maps.h"

namespace wan::metrics::perceptual {
namespace {

std::vector<float> distances(const Network& network, std::size_t map, const FeatureMap& a, const FeatureMap& b, Simd simd) {
  std::vector<float> out(a.positions());
  feature_map_kernels(simd).distances(a.values.get(), b.values.get(), a.positions(), a.channels, network.linear(map).data(), out.data());
  return out;
}

// How much of the up-sampled side each of `from` positions makes up. Up-sampling is linear, so that the mean of its result is a weighted
// mean of its input, and no map of the frame's size is needed.
std::vector<double> shares(std::size_t from, std::int64_t to) {
  std::vector<double> shares(from);
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  for (std::int64_t i = 0; i < to; ++i) {
    const double at = std::max(0.0, (static_cast<double>(i) + 0.5) * scale - 0.5);
    const auto below = static_cast<std::size_t>(at);
    const double fraction = at - static_cast<double>(below);
    shares[below] += (1 - fraction) / static_cast<double>(to);
    shares[std::min(below + 1, from - 1)] += fraction / static_cast<double>(to);
  }
  return shares;
}

}  // namespace

double distance(const Network& network, const Features& a, const Features& b, Simd simd) {
  double sum = 0;
  for (std::size_t map = 0; map < a.size(); ++map) {
    double total = 0;
    for (const float value : distances(network, map, a[map], b[map], simd)) total += value;
    sum += total / static_cast<double>(a[map].positions());
  }
  return sum;
}

double spatial_mean(const Network& network, const Features& a, const Features& b, std::int64_t height, std::int64_t width, Simd simd) {
  double sum = 0;
  for (std::size_t map = 0; map < a.size(); ++map) {
    const std::vector<float> values = distances(network, map, a[map], b[map], simd);
    const std::vector<double> rows = shares(a[map].height, height), columns = shares(a[map].width, width);
    for (std::size_t y = 0; y < rows.size(); ++y) {
      double row = 0;
      for (std::size_t x = 0; x < columns.size(); ++x) row += columns[x] * static_cast<double>(values[y * columns.size() + x]);
      sum += rows[y] * row;
    }
  }
  return sum;
}

}  // namespace wan::metrics::perceptual
