#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "metrics/scorer.h"
#include "tests/support/metrics/synthetic_clip.h"

namespace wan::metrics {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

QualityScores compare(const VideoClip& reference, const VideoClip& candidate) {
  return score(reference, candidate, {.metrics = {{"mse"}, {"psnr"}}});
}

TEST(Psnr, IdenticalClipsAreInfinite) {
  const VideoClip clip = testing::moving_ramps({3, 16, 16});
  const QualityScores scores = compare(clip, clip);
  EXPECT_EQ(scores.find("mse")->pooled.max, 0);
  EXPECT_EQ(scores.find("psnr")->pooled.min, kInfinity);
  EXPECT_EQ(scores.find("psnr.pooled")->pooled.mean, kInfinity);
  EXPECT_TRUE(scores.find("psnr.pooled")->per_frame.empty());
}

TEST(Psnr, ConstantOffsetHasAClosedForm) {
  for (const int offset : {1, 2, 17, 255}) {
    const QualityScores scores = compare(testing::flat({2, 5, 7}, 0), testing::flat({2, 5, 7}, static_cast<std::uint8_t>(offset)));
    EXPECT_EQ(scores.find("mse")->pooled.mean, offset * offset);  // integer sums: exact
    EXPECT_NEAR(scores.find("psnr.pooled")->pooled.mean, 20 * std::log10(255.0 / offset), 1e-12);
  }
}

// The worst contrast over more bytes than one 32-bit block sum could hold.
TEST(Psnr, LargestErrorIsExactOverManyBytes) {
  const testing::Size size{1, 300, 301};
  EXPECT_EQ(compare(testing::flat(size, 0), testing::flat(size, 255)).find("mse")->pooled.mean, 65025);
}

// One black frame among many good ones: the mean of dB hides it, the dB of the mean does not.
TEST(Psnr, PooledShowsOneBadFrame) {
  const VideoClip clip = testing::flat({20, 8, 8}, 200);
  VideoClip candidate = testing::with_flat_frame(testing::flat({20, 8, 8}, 199), 7, 0);
  const QualityScores scores = compare(clip, candidate);
  const double good = 20 * std::log10(255.0), bad = 20 * std::log10(255.0 / 200);
  EXPECT_NEAR(scores.find("psnr")->pooled.mean, (19 * good + bad) / 20, 1e-12);
  EXPECT_NEAR(scores.find("psnr")->pooled.min, bad, 1e-12);
  EXPECT_NEAR(scores.find("psnr.pooled")->pooled.mean, 10 * std::log10(65025.0 * 20 / (19 + 40000)), 1e-12);
}

TEST(Psnr, FallsAsNoiseGrows) {
  const VideoClip clip = testing::moving_ramps({2, 32, 32});
  double last = kInfinity;
  for (const int amplitude : {1, 2, 4, 8, 16, 32, 64}) {
    const double now = compare(clip, testing::noisy(clip, amplitude)).find("psnr.pooled")->pooled.mean;
    EXPECT_LT(now, last) << amplitude;
    last = now;
  }
}

// Grey, so that luma is the level itself: one level everywhere is 48.13 dB, and nothing is more than 60.
TEST(PsnrVmaf, IsOfLumaAndHasACeiling) {
  const VideoClip clip = testing::flat({2, 20, 24}, 100);
  EXPECT_NEAR(score(clip, testing::flat({2, 20, 24}, 101), {.metrics = {{"psnr.vmaf"}}}).scores.at(0).pooled.mean, 20 * std::log10(255.0),
              1e-12);
  EXPECT_EQ(score(clip, clip, {.metrics = {{"psnr.vmaf"}}}).scores.at(0).pooled.mean, 60);
  VideoClip nearly = clip;
  for (std::size_t c = 0; c < 3; ++c) nearly.rgb[c] = 101;  // one pixel of 480, one frame of two
  const Score seen = score(clip, nearly, {.metrics = {{"psnr.vmaf"}}}).scores.at(0);
  EXPECT_EQ(seen.per_frame[0], 60);  // 74.9 dB
  VideoClip blue = clip;
  for (std::size_t i = 2; i < blue.rgb.size(); i += 3) blue.rgb[i] = 110;  // 1.14 levels of luma, rounded to 1
  EXPECT_NEAR(score(clip, blue, {.metrics = {{"psnr.vmaf"}}}).scores.at(0).pooled.mean, 20 * std::log10(255.0), 1e-12);
}

TEST(PsnrFfmpeg, IsTheClipsMeanSquaredError) {
  const VideoClip clip = testing::moving_ramps({5, 20, 24});
  const QualityScores seen = score(clip, testing::noisy(clip, 9), {.metrics = {{"psnr.ffmpeg"}, {"psnr.pooled"}}});
  EXPECT_NEAR(seen.find("psnr.ffmpeg")->pooled.mean, seen.find("psnr.pooled")->pooled.mean, 1e-12);
  EXPECT_EQ(seen.find("psnr.ffmpeg")->pooling, "clip");
  EXPECT_TRUE(std::isinf(score(clip, clip, {.metrics = {{"psnr.ffmpeg"}}}).scores.at(0).pooled.mean));
}

}  // namespace
}  // namespace wan::metrics
