#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <utility>

#include "metrics/scorer.h"
#include "tests/support/metrics/synthetic_clip.h"

namespace wan::metrics {
namespace {

const Score& ssim(const VideoClip& reference, const VideoClip& candidate, QualityScores& keep) {
  keep = score(reference, candidate, {.metrics = {{"ssim.ipol"}}});
  return *keep.find("ssim.ipol");
}

double ssim(const VideoClip& reference, const VideoClip& candidate) {
  QualityScores keep;
  return ssim(reference, candidate, keep).pooled.mean;
}

// The arbiter: the definition written down directly, not separable, means first and then centred moments, long double.
double brute_force(const VideoClip& x, const VideoClip& y) {
  std::array<std::array<long double, 11>, 11> window{};
  long double total = 0;
  for (int i = 0; i < 11; ++i)
    for (int j = 0; j < 11; ++j) total += window[i][j] = std::exp(-((i - 5) * (i - 5) + (j - 5) * (j - 5)) / 4.5L);
  const long double c1 = 6.5025L, c2 = 58.5225L;
  const auto at = [&](const VideoClip& clip, std::int64_t row, std::int64_t column, std::int64_t channel) {
    return static_cast<long double>(clip.rgb[static_cast<std::size_t>((row * clip.width + column) * 3 + channel)]);
  };
  long double sum = 0;
  std::int64_t count = 0;
  for (std::int64_t row = 0; row + 11 <= x.height; ++row)
    for (std::int64_t column = 0; column + 11 <= x.width; ++column)
      for (std::int64_t c = 0; c < 3; ++c, ++count) {
        const auto mean = [&](auto value) {
          long double result = 0;
          for (int i = 0; i < 11; ++i)
            for (int j = 0; j < 11; ++j) result += window[i][j] / total * value(row + i, column + j);
          return result;
        };
        const long double mx = mean([&](auto i, auto j) { return at(x, i, j, c); });
        const long double my = mean([&](auto i, auto j) { return at(y, i, j, c); });
        const long double vx = mean([&](auto i, auto j) { return (at(x, i, j, c) - mx) * (at(x, i, j, c) - mx); });
        const long double vy = mean([&](auto i, auto j) { return (at(y, i, j, c) - my) * (at(y, i, j, c) - my); });
        const long double xy = mean([&](auto i, auto j) { return (at(x, i, j, c) - mx) * (at(y, i, j, c) - my); });
        sum += (2 * mx * my + c1) * (2 * xy + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2));
      }
  return static_cast<double>(sum / static_cast<long double>(count));
}

VideoClip mirrored(VideoClip clip) {
  for (std::int64_t row = 0; row < clip.frames * clip.height; ++row)
    for (std::int64_t x = 0; x < clip.width / 2; ++x)
      for (std::int64_t c = 0; c < 3; ++c)
        std::swap(clip.rgb[static_cast<std::size_t>((row * clip.width + x) * 3 + c)],
                  clip.rgb[static_cast<std::size_t>((row * clip.width + clip.width - 1 - x) * 3 + c)]);
  return clip;
}

// Widths on both sides of one and two strips of 384 values (128 output columns), the smallest frame, odd sizes, flat bright and dark areas.
// 1e-11: window means of 1.3e5 carry about 3e-11 of rounding in float64, the denominators are at least 58.5, and errors average out.
TEST(SsimIpol, EqualsBruteForce) {
  const std::pair<std::int64_t, std::int64_t> sizes[] = {{11, 11}, {12, 11}, {11, 12}, {13, 138}, {13, 139}, {12, 267}, {23, 31}};
  for (const auto& [height, width] : sizes)
    for (const int amplitude : {1, 25, 200}) {
      const VideoClip clip = testing::moving_ramps({1, height, width});
      const VideoClip other = testing::noisy(clip, amplitude);
      EXPECT_NEAR(ssim(clip, other), brute_force(clip, other), 1e-11) << height << "x" << width << " amplitude " << amplitude;
    }
  for (const int level : {0, 1, 235, 255}) {
    const VideoClip clip = testing::flat({1, 14, 15}, static_cast<std::uint8_t>(level));
    const VideoClip other = testing::noisy(clip, 1);
    EXPECT_NEAR(ssim(clip, other), brute_force(clip, other), 1e-11) << "flat " << level;
  }
}

TEST(SsimIpol, IdenticalIsExactlyOne) {
  for (const VideoClip& clip : {testing::noisy(testing::moving_ramps({2, 40, 141}), 30), testing::flat({1, 11, 11}, 255)})
    EXPECT_EQ(ssim(clip, clip), 1.0);
}

TEST(SsimIpol, SymmetricToTheLastBit) {
  const VideoClip clip = testing::moving_ramps({2, 40, 141});
  const VideoClip other = testing::noisy(clip, 40);
  EXPECT_EQ(ssim(clip, other), ssim(other, clip));
}

TEST(SsimIpol, UnchangedByMirroring) {
  const VideoClip clip = testing::moving_ramps({1, 30, 47});
  const VideoClip other = testing::noisy(clip, 40);
  EXPECT_NEAR(ssim(clip, other), ssim(mirrored(clip), mirrored(other)), 1e-14);  // only the order of the last sum differs
}

TEST(SsimIpol, BlackAgainstWhiteIsTheConstantAlone) {
  // Both variances are 0, so the value is C1 / (255^2 + C1) everywhere.
  EXPECT_NEAR(ssim(testing::flat({1, 20, 20}, 0), testing::flat({1, 20, 20}, 255)), 6.5025 / (65025 + 6.5025), 1e-15);
}

TEST(SsimIpol, FallsAsNoiseGrows) {
  const VideoClip clip = testing::moving_ramps({1, 64, 64});
  double last = 1;
  for (const int amplitude : {1, 2, 4, 8, 16, 32, 64}) {
    const double now = ssim(clip, testing::noisy(clip, amplitude));
    EXPECT_LT(now, last) << amplitude;
    last = now;
  }
}

TEST(SsimIpol, RefusesFramesSmallerThanItsWindow) {
  for (const testing::Size& size : {testing::Size{1, 10, 64}, testing::Size{1, 64, 10}}) {
    QualityScores keep;
    const Score& refused = ssim(testing::flat(size, 1), testing::flat(size, 2), keep);
    EXPECT_NE(refused.error.find("11x11"), std::string::npos) << refused.error;
    EXPECT_TRUE(refused.per_frame.empty());
  }
}

}  // namespace
}  // namespace wan::metrics
