// Every kernel against a plain loop, at every instruction set and at widths around the vectors' and chunks'.
#include "metrics/kernels/frame_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "engine/base/random.h"

namespace wan::metrics {
namespace {

std::vector<std::uint8_t> draw(std::size_t count, std::uint64_t seed) {
  SplitMix64 random(seed);
  std::vector<std::uint8_t> bytes(count);
  for (auto& byte : bytes) {
    const std::uint64_t bits = random.next();
    // Runs of equal values, both ends of the range, and everything between.
    byte = bits % 8 == 0                           ? 0
           : bits % 8 == 1                         ? 255
           : bits % 8 < 4 && &byte != bytes.data() ? *(&byte - 1)
                                                   : static_cast<std::uint8_t>(bits >> 8);
  }
  return bytes;
}

struct Colour {
  ColourSums sums;
  std::vector<std::uint8_t> luma;
  std::array<std::uint32_t, 256> histogram{};
};

Colour plain_colour(const std::vector<std::uint8_t>& rgb, std::size_t width) {
  Colour result;
  for (std::size_t x = 0; x < width; ++x) {
    const std::uint8_t* p = rgb.data() + 3 * x;
    for (int c = 0; c < 3; ++c) {
      result.sums.sum[c] += p[c];
      result.sums.squares[c] += static_cast<std::uint64_t>(p[c] * p[c]);
      result.sums.clipped += p[c] == 0 || p[c] == 255;
    }
    const int high = std::max({p[0], p[1], p[2]}), low = std::min({p[0], p[1], p[2]});
    result.sums.chroma += static_cast<std::uint64_t>(high - low);
    result.sums.dark += high <= kDark;
    result.sums.bright += low >= kBright;
    const auto luma = static_cast<std::uint8_t>((77 * p[0] + 150 * p[1] + 29 * p[2] + 128) / 256);
    result.luma.push_back(luma);
    ++result.histogram[luma];
  }
  return result;
}

class FrameRows : public ::testing::TestWithParam<Simd> {
 protected:
  const FrameRowKernels& kernels = frame_row_kernels(GetParam());
  const std::vector<std::size_t> widths{0, 1, 2, 5, 6, 15, 16, 17, 63, 64, 65, 1023, 1024, 1026, 1027, 4099, 70001};
};

TEST_P(FrameRows, Colour) {
  for (const std::size_t width : widths) {
    const auto rgb = draw(3 * width, width);
    const Colour expected = plain_colour(rgb, width);
    Colour seen;
    seen.luma.resize(width);
    kernels.colour(rgb.data(), width, seen.luma.data(), seen.sums, seen.histogram.data());
    EXPECT_EQ(seen.luma, expected.luma) << width;
    EXPECT_EQ(seen.histogram, expected.histogram) << width;
    for (int c = 0; c < 3; ++c) {
      EXPECT_EQ(seen.sums.sum[c], expected.sums.sum[c]) << width;
      EXPECT_EQ(seen.sums.squares[c], expected.sums.squares[c]) << width;
    }
    EXPECT_EQ(seen.sums.chroma, expected.sums.chroma) << width;
    EXPECT_EQ(seen.sums.dark, expected.sums.dark) << width;
    EXPECT_EQ(seen.sums.bright, expected.sums.bright) << width;
    EXPECT_EQ(seen.sums.clipped, expected.sums.clipped) << width;
  }
}

TEST_P(FrameRows, ErrorsAndEdges) {
  for (const std::size_t width : widths) {
    const auto a = draw(width, 1), b = draw(width, 2);
    std::uint64_t absolute = 0, squared = 0;
    std::vector<std::uint32_t> expected(width, 7), seen(width, 7);
    for (std::size_t i = 0; i < width; ++i) {
      const int d = a[i] - b[i];
      absolute += static_cast<std::uint64_t>(std::abs(d));
      squared += static_cast<std::uint64_t>(d * d);
      expected[i] += static_cast<std::uint32_t>(std::abs(d));
    }
    EXPECT_EQ(kernels.absolute_error(a.data(), b.data(), width), absolute) << width;
    EXPECT_EQ(kernels.squared_error(a.data(), b.data(), width), squared) << width;
    kernels.edges(a.data(), b.data(), width, seen.data());
    EXPECT_EQ(seen, expected) << width;
  }
}

TEST_P(FrameRows, SumsOfExtremesDoNotOverflow) {
  const std::vector<std::uint8_t> black(200000, 0), white(200000, 255);
  EXPECT_EQ(kernels.squared_error(black.data(), white.data(), black.size()), 200000ull * 255 * 255);
  EXPECT_EQ(kernels.absolute_error(black.data(), white.data(), black.size()), 200000ull * 255);
  EXPECT_EQ(kernels.detail(black.data(), white.data(), black.data(), black.size()), 0u);  // a straight line is no noise
  std::vector<std::uint8_t> stripes(200000);
  for (std::size_t x = 0; x < stripes.size(); ++x) stripes[x] = x % 2 ? 255 : 0;
  std::vector<std::uint8_t> shifted(stripes.begin() + 1, stripes.end());
  shifted.push_back(0);
  EXPECT_EQ(kernels.detail(shifted.data(), stripes.data(), shifted.data(), stripes.size()), (200000ull - 2) * 8 * 255);
  const std::uint8_t* const reference[3] = {black.data(), white.data(), black.data()};
  std::uint64_t still[3] = {};
  kernels.flicker(reference, reference, black.size(), still);
  EXPECT_EQ(still[0], 200000u);
  EXPECT_EQ(still[1], 200000ull * 510);
}

TEST_P(FrameRows, DetailAndBands) {
  for (const std::size_t width : widths) {
    const auto a = draw(width, 1), b = draw(width, 2), c = draw(width, 3);
    std::uint64_t detail = 0, bands = 0;
    for (std::size_t x = 1; x + 1 < width; ++x)
      detail += static_cast<std::uint64_t>(
          std::abs(a[x - 1] - 2 * a[x] + a[x + 1] - 2 * b[x - 1] + 4 * b[x] - 2 * b[x + 1] + c[x - 1] - 2 * c[x] + c[x + 1]));
    for (std::size_t x = 2; x + 3 < width; ++x) {
      const int step = std::abs(b[x + 1] - b[x]);
      bands += step >= 2 && step <= 24 && b[x - 2] == b[x] && b[x - 1] == b[x] && b[x + 2] == b[x + 1] && b[x + 3] == b[x + 1];
    }
    EXPECT_EQ(kernels.detail(a.data(), b.data(), c.data(), width), detail) << width;
    EXPECT_EQ(kernels.bands(b.data(), width), bands) << width;
  }
}

TEST_P(FrameRows, Flicker) {
  for (const std::size_t width : widths) {
    std::array<std::vector<std::uint8_t>, 3> r{draw(width, 1), draw(width, 2), draw(width, 3)},
        c{draw(width, 4), draw(width, 5), draw(width, 6)};
    for (std::size_t x = 0; x < width; x += 3) r[2][x] = static_cast<std::uint8_t>(std::min(255, r[0][x] + static_cast<int>(x % 4)));
    std::array<std::uint64_t, 3> expected{};
    for (std::size_t x = 0; x < width; ++x) {
      if (std::abs(r[2][x] - r[0][x]) > kStill) continue;
      ++expected[0];
      expected[1] += static_cast<std::uint64_t>(std::abs(r[0][x] - 2 * r[1][x] + r[2][x]));
      expected[2] += static_cast<std::uint64_t>(std::abs(c[0][x] - 2 * c[1][x] + c[2][x]));
    }
    const std::uint8_t* const reference[3] = {r[0].data(), r[1].data(), r[2].data()};
    const std::uint8_t* const candidate[3] = {c[0].data(), c[1].data(), c[2].data()};
    std::uint64_t seen[3] = {};
    kernels.flicker(reference, candidate, width, seen);
    EXPECT_EQ((std::array{seen[0], seen[1], seen[2]}), expected) << width;
    std::array<std::uint64_t, 3> steps{}, got{};
    for (std::size_t x = 0; x < width; ++x) {
      if (std::abs(r[2][x] - r[0][x]) > kStill) continue;
      ++steps[0];
      steps[1] += static_cast<std::uint64_t>(std::abs(r[2][x] - r[0][x]));
      steps[2] += static_cast<std::uint64_t>(std::abs(c[1][x] - c[0][x]));
    }
    const std::uint8_t* const two_of_reference[2] = {r[0].data(), r[2].data()};
    const std::uint8_t* const two_of_candidate[2] = {c[0].data(), c[1].data()};
    kernels.still_step(two_of_reference, two_of_candidate, width, got.data());
    EXPECT_EQ(got, steps) << width;
  }
}

INSTANTIATE_TEST_SUITE_P(Simd, FrameRows, ::testing::ValuesIn(available_simd().begin(), available_simd().end()),
                         [](const auto& info) { return std::string(to_string(info.param)); });

}  // namespace
}  // namespace wan::metrics
