// The products and transforms of convolutions against the definition in double precision, at every instruction set.
#include <gtest/gtest.h>

#include <cmath>
#include <tuple>
#include <vector>

#include "engine/base/random.h"
#include "metrics/kernels/feature_maps.h"
#include "metrics/kernels/matrix_product.h"
#include "metrics/kernels/winograd.h"

namespace wan::metrics {
namespace {

std::vector<float> random_floats(std::size_t count, std::uint64_t seed) {
  SplitMix64 random(seed);
  std::vector<float> values(count);
  for (float& value : values) value = random.next_signed();
  return values;
}

class Product32 : public ::testing::TestWithParam<std::tuple<std::size_t, std::size_t, std::size_t>> {};

// Sums of `depth` products below 1, rounded at each step: sqrt(depth) * 2^-24 times the sum's size, with room for the worst of thousands.
TEST_P(Product32, EqualsDoublePrecisionAndItselfAtEveryLevel) {
  const auto [rows, depth, columns] = GetParam();
  const std::vector<float> left = random_floats(rows * depth, 1), right = random_floats(depth * columns, 2);
  const std::vector<float> panels = to_panels(right, columns);
  std::vector<float> first;
  for (const Simd level : available_simd()) {
    std::vector<float> out(rows * columns);
    matrix_product_kernels(level).multiply({.left = left.data(),
                                            .row_stride = depth,
                                            .run_length = depth,
                                            .right = panels.data(),
                                            .rows = rows,
                                            .columns = columns,
                                            .out = out.data(),
                                            .out_stride = columns});
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = 0; c < columns; ++c) {
        double sum = 0;
        for (std::size_t k = 0; k < depth; ++k)
          sum += static_cast<double>(left[r * depth + k]) * static_cast<double>(right[k * columns + c]);
        ASSERT_NEAR(out[r * columns + c], sum, 8 * static_cast<double>(depth) * 0x1p-24) << to_string(level) << ' ' << r << ' ' << c;
      }
    if (first.empty()) first = out;
    EXPECT_EQ(out, first) << to_string(level);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, Product32,
                         ::testing::Combine(::testing::Values(1, 2, 5, 6, 13, 14, 15, 31, 57), ::testing::Values(1, 33, 192),
                                            ::testing::Values(16, 32, 48, 80)));

// Windows of 3x3 over a padded map of 6x7x2, with bias and ReLU: rows of three runs.
TEST(MatrixProduct, RunsOverWindows) {
  constexpr std::size_t kHeight = 6, kWidth = 7, kIn = 2, kOut = 16;
  const std::vector<float> map = random_floats(kHeight * kWidth * kIn, 3), right = random_floats(9 * kIn * kOut, 4);
  const std::vector<float> bias = random_floats(kOut, 5), panels = to_panels(right, kOut);
  for (const Simd level : available_simd()) {
    std::vector<float> out((kWidth - 2) * kOut);
    matrix_product_kernels(level).multiply({.left = map.data() + kWidth * kIn,  // the second row of outputs
                                            .row_stride = kIn,
                                            .runs = 3,
                                            .run_stride = kWidth * kIn,
                                            .run_length = 3 * kIn,
                                            .right = panels.data(),
                                            .bias = bias.data(),
                                            .rows = kWidth - 2,
                                            .columns = kOut,
                                            .out = out.data(),
                                            .out_stride = kOut});
    for (std::size_t x = 0; x < kWidth - 2; ++x)
      for (std::size_t o = 0; o < kOut; ++o) {
        double sum = bias[o];
        for (std::size_t ky = 0; ky < 3; ++ky)
          for (std::size_t k = 0; k < 3 * kIn; ++k)
            sum +=
                static_cast<double>(map[(1 + ky) * kWidth * kIn + x * kIn + k]) * static_cast<double>(right[(ky * 3 * kIn + k) * kOut + o]);
        EXPECT_NEAR(out[x * kOut + o], std::max(0.0, sum), 1e-5) << to_string(level);
      }
  }
}

class Winograd : public ::testing::TestWithParam<std::tuple<std::size_t, std::size_t, std::size_t>> {};

// A convolution with bias and ReLU by tiles against its definition. The transforms multiply rounding errors by up to the sum of their
// coefficients' sizes, some tens; outputs are sums of 16 * side^2 products below 1.
TEST_P(Winograd, EqualsTheDefinitionAndItselfAtEveryLevel) {
  const auto [side, height, width] = GetParam();
  constexpr std::size_t kIn = 16, kOut = 32;
  const std::vector<float> map = random_floats(height * width * kIn, 6), kernel = random_floats(kOut * kIn * side * side, 7);
  const std::vector<float> bias = random_floats(kOut, 8), transformed = transform_filter(kernel, kOut, kIn, side);
  std::vector<float> first;
  for (const Simd level : available_simd()) {
    Tiles tiles{.height = height, .width = width, .step = 7 - side, .padding = side / 2};
    tiles.across = (width + tiles.step - 1) / tiles.step;
    const std::size_t total = (height + tiles.step - 1) / tiles.step * tiles.across;
    std::vector<float> out(height * width * kOut);
    for (; tiles.first < total; tiles.first += tiles.count) {
      tiles.count = std::min<std::size_t>(3, total - tiles.first);
      std::vector<float> points(kTilePoints * tiles.count * kIn), products(kTilePoints * tiles.count * kOut);
      tiles.channels = kIn;
      winograd_kernels(level).transform_input(tiles, map.data(), points.data());
      for (std::size_t point = 0; point < kTilePoints; ++point)
        for (std::size_t n = 0; n < tiles.count; ++n)
          for (std::size_t o = 0; o < kOut; ++o) {
            float sum = 0;
            for (std::size_t i = 0; i < kIn; ++i)
              sum += points[(point * tiles.count + n) * kIn + i] * transformed[(point * kIn + i) * kOut + o];
            products[(point * tiles.count + n) * kOut + o] = sum;
          }
      tiles.channels = kOut;
      winograd_kernels(level).transform_output(tiles, products.data(), bias.data(), out.data());
    }
    for (std::size_t y = 0; y < height; ++y)
      for (std::size_t x = 0; x < width; ++x)
        for (std::size_t o = 0; o < kOut; ++o) {
          double sum = bias[o];
          for (std::size_t ky = 0; ky < side; ++ky)
            for (std::size_t kx = 0; kx < side; ++kx) {
              const std::size_t sy = y + ky - side / 2, sx = x + kx - side / 2;  // wraps to a large number outside
              if (sy >= height || sx >= width) continue;
              for (std::size_t i = 0; i < kIn; ++i)
                sum += static_cast<double>(map[(sy * width + sx) * kIn + i]) *
                       static_cast<double>(kernel[(o * kIn + i) * side * side + ky * side + kx]);
            }
          ASSERT_NEAR(out[(y * width + x) * kOut + o], std::max(0.0, sum), 2e-4) << to_string(level) << ' ' << y << ' ' << x << ' ' << o;
        }
    if (first.empty()) first = out;
    EXPECT_EQ(out, first) << to_string(level);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, Winograd,
                         ::testing::Combine(::testing::Values(3, 5), ::testing::Values(1, 4, 9), ::testing::Values(2, 7, 16)));

TEST(FeatureMaps, AreEqualAtEveryLevel) {
  const std::vector<float> a = random_floats(7 * 48, 9), b = random_floats(7 * 48, 10), weights = random_floats(48, 11);
  std::vector<float> first;
  for (const Simd level : available_simd()) {
    std::vector<float> found(7), exchanged(7);
    feature_map_kernels(level).distances(a.data(), b.data(), 7, 48, weights.data(), found.data());
    feature_map_kernels(level).distances(b.data(), a.data(), 7, 48, weights.data(), exchanged.data());
    EXPECT_EQ(found, exchanged);
    for (std::size_t p = 0; p < 7; ++p) {
      double norm_a = 0, norm_b = 0, sum = 0;
      for (std::size_t c = p * 48; c < p * 48 + 48; ++c) norm_a += std::pow(a[c], 2), norm_b += std::pow(b[c], 2);
      for (std::size_t c = 0; c < 48; ++c)
        sum += static_cast<double>(weights[c]) * std::pow(a[p * 48 + c] / std::sqrt(norm_a) - b[p * 48 + c] / std::sqrt(norm_b), 2);
      EXPECT_NEAR(found[p], sum, 1e-6);
    }
    if (first.empty()) first = found;
    EXPECT_EQ(found, first) << to_string(level);
  }
}

TEST(FeatureMaps, PoolTakesTheLargestOfEachWindow) {
  const std::vector<float> map = random_floats(7 * 9 * 16, 12);
  for (const Simd level : available_simd())
    for (const std::size_t side : {2u, 3u}) {
      const std::size_t height = (7 - side) / 2 + 1, width = (9 - side) / 2 + 1;
      std::vector<float> out(height * width * 16);
      feature_map_kernels(level).pool_maximum(map.data(), 9, 16, side, 2, height, width, out.data());
      for (std::size_t y = 0; y < height; ++y)
        for (std::size_t x = 0; x < width; ++x)
          for (std::size_t c = 0; c < 16; ++c) {
            float most = -2;
            for (std::size_t i = 0; i < side; ++i)
              for (std::size_t j = 0; j < side; ++j) most = std::max(most, map[((2 * y + i) * 9 + 2 * x + j) * 16 + c]);
            EXPECT_EQ(out[(y * width + x) * 16 + c], most) << to_string(level);
          }
    }
}

}  // namespace
}  // namespace wan::metrics
