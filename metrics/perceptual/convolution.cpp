#include "metrics/perceptual/convolution.h"

#include <algorithm>
#include <cstring>

#include "engine/base/error.h"
#include "metrics/kernels/matrix_product.h"
#include "metrics/kernels/winograd.h"

namespace wan::metrics::perceptual {
namespace {

// With fewer tiles, reading the larger weights takes longer than the products saved.
constexpr std::size_t kFewestTiles = 8;
// Tiles that are transformed together: their points stay in a core's cache, and the weights are read once for all of them.
constexpr std::size_t kPointFloats = std::size_t{3} << 17, kFewestTogether = 56;

enum : std::size_t { kPadded, kPoints, kProducts };

std::vector<float> window_panels(const Layer& layer, const std::vector<float>& kernel) {
  const auto in = static_cast<std::size_t>(layer.in), out = static_cast<std::size_t>(layer.out);
  const auto taps = static_cast<std::size_t>(layer.side * layer.side);
  std::vector<float> rows(kernel.size());
  for (std::size_t o = 0; o < out; ++o)
    for (std::size_t i = 0; i < in; ++i)
      for (std::size_t tap = 0; tap < taps; ++tap) rows[(tap * in + i) * out + o] = kernel[(o * in + i) * taps + tap];
  return to_panels(rows, out);
}

std::vector<float> point_panels(const Layer& layer, const std::vector<float>& kernel) {
  const auto in = static_cast<std::size_t>(layer.in), out = static_cast<std::size_t>(layer.out);
  const std::vector<float> transformed = transform_filter(kernel, out, in, static_cast<std::size_t>(layer.side));
  std::vector<float> panels;
  panels.reserve(transformed.size());
  for (std::size_t point = 0; point < kTilePoints; ++point) {
    const auto first = transformed.begin() + static_cast<std::ptrdiff_t>(point * in * out);
    const std::vector<float> one = to_panels({first, first + static_cast<std::ptrdiff_t>(in * out)}, out);
    panels.insert(panels.end(), one.begin(), one.end());
  }
  return panels;
}

bool tiles_pay(const Layer& layer, std::size_t height, std::size_t width) {
  if (layer.stride != 1 || (layer.side != 3 && layer.side != 5) || layer.in % static_cast<std::int64_t>(kPanel) != 0) return false;
  const std::size_t step = kTileSide + 1 - static_cast<std::size_t>(layer.side);
  return ((height + step - 1) / step) * ((width + step - 1) / step) >= kFewestTiles;
}

}  // namespace

FeatureMap FeatureMap::of(std::size_t height, std::size_t width, std::size_t channels) {
  return {height, width, channels, std::make_unique_for_overwrite<float[]>(height * width * channels)};
}

float* Scratch::get(std::size_t which, std::size_t floats) {
  Block& block = blocks_[which];
  if (block.floats < floats) block = {std::make_unique_for_overwrite<float[]>(floats), floats};
  return block.values.get();
}

std::unique_ptr<Scratch> ScratchPool::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<Scratch>();
  auto scratch = std::move(idle_.back());
  idle_.pop_back();
  return scratch;
}

void ScratchPool::give_back(std::unique_ptr<Scratch> scratch) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(scratch));
}

Convolution::Convolution(const Layer& layer, const std::vector<float>& kernel, std::vector<float> bias, std::size_t height,
                         std::size_t width)
    : layer_(layer),
      tiled_(tiles_pay(layer, height, width)),
      panels_(tiled_ ? point_panels(layer, kernel) : window_panels(layer, kernel)),
      bias_(std::move(bias)) {}

FeatureMap Convolution::run(const FeatureMap& input, Scratch& scratch, Simd simd) const {
  WAN_CHECK(input.channels == static_cast<std::size_t>(layer_.in), "{} channels for {}", input.channels, layer_.in);
  return tiled_ ? run_tiles(input, scratch, simd) : run_windows(input, scratch, simd);
}

FeatureMap Convolution::run_windows(const FeatureMap& input, Scratch& scratch, Simd simd) const {
  const auto padding = static_cast<std::size_t>(layer_.padding), side = static_cast<std::size_t>(layer_.side);
  const auto stride = static_cast<std::size_t>(layer_.stride), out = static_cast<std::size_t>(layer_.out);
  const std::size_t height = input.height + 2 * padding, row = (input.width + 2 * padding) * input.channels;
  float* padded = scratch.get(kPadded, height * row);
  std::fill_n(padded, padding * row, 0.0F);
  for (std::size_t y = 0; y < input.height; ++y) {
    float* to = padded + (y + padding) * row;
    std::fill_n(to, padding * input.channels, 0.0F);
    std::memcpy(to + padding * input.channels, input.values.get() + y * input.width * input.channels,
                input.width * input.channels * sizeof(float));
    std::fill_n(to + (padding + input.width) * input.channels, padding * input.channels, 0.0F);
  }
  std::fill_n(padded + (height - padding) * row, padding * row, 0.0F);

  FeatureMap map = FeatureMap::of((height - side) / stride + 1, (input.width + 2 * padding - side) / stride + 1, out);
  const MatrixProductKernels& kernels = matrix_product_kernels(simd);
  const std::size_t depth = side * side * input.channels;
  // The columns of one call over all rows: their weights stay in the cache.
  for (std::size_t column = 0; column < out; column += 2 * kPanel)
    for (std::size_t y = 0; y < map.height; ++y)
      kernels.multiply({.left = padded + y * stride * row,
                        .row_stride = stride * input.channels,
                        .runs = side,
                        .run_stride = row,
                        .run_length = side * input.channels,
                        .right = panels_.data() + column * depth,
                        .bias = bias_.data() + column,
                        .rows = map.width,
                        .columns = std::min(2 * kPanel, out - column),
                        .out = map.values.get() + y * map.width * out + column,
                        .out_stride = out});
  return map;
}

FeatureMap Convolution::run_tiles(const FeatureMap& input, Scratch& scratch, Simd simd) const {
  const std::size_t in = input.channels, out = static_cast<std::size_t>(layer_.out);
  FeatureMap map = FeatureMap::of(input.height, input.width, out);
  Tiles tiles{.height = input.height,
              .width = input.width,
              .step = kTileSide + 1 - static_cast<std::size_t>(layer_.side),
              .padding = static_cast<std::size_t>(layer_.padding)};
  tiles.across = (input.width + tiles.step - 1) / tiles.step;
  const std::size_t total = (input.height + tiles.step - 1) / tiles.step * tiles.across;
  const std::size_t fitting = std::max(kPointFloats, in * out * kTilePoints / 2) / (kTilePoints * (in + out));
  std::size_t blocks = (total + std::max(fitting, kFewestTogether) - 1) / std::max(fitting, kFewestTogether);

  const MatrixProductKernels& product = matrix_product_kernels(simd);
  const WinogradKernels& winograd = winograd_kernels(simd);
  for (; blocks > 0; --blocks, tiles.first += tiles.count) {
    tiles.count = (total - tiles.first + blocks - 1) / blocks;
    float* points = scratch.get(kPoints, kTilePoints * tiles.count * in);
    float* products = scratch.get(kProducts, kTilePoints * tiles.count * out);
    tiles.channels = in;
    winograd.transform_input(tiles, input.values.get(), points);
    for (std::size_t point = 0; point < kTilePoints; ++point)
      product.multiply({.left = points + point * tiles.count * in,
                        .row_stride = in,
                        .run_length = in,
                        .right = panels_.data() + point * in * out,
                        .rows = tiles.count,
                        .columns = out,
                        .out = products + point * tiles.count * out,
                        .out_stride = out});
    tiles.channels = out;
    winograd.transform_output(tiles, products, bias_.data(), map.values.get());
  }
  return map;
}

}  // namespace wan::metrics::perceptual
