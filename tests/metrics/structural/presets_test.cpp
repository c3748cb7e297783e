// What holds for every preset of SSIM and MS-SSIM.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "metrics/scorer.h"
#include "tests/support/metrics/synthetic_clip.h"

namespace wan::metrics {
namespace {

using testing::Size;

struct Preset {
  std::string id;
  std::int64_t smallest_side;
  double c1;  // in units of levels squared; 0: a flat pair has no closed form
  // Sides on which mirroring changes nothing but the order of sums; 0: there are none.
  std::int64_t mirrored_side;
  bool multiscale = false;
};

void PrintTo(const Preset& preset, std::ostream* out) { *out << preset.id; }

class Presets : public ::testing::TestWithParam<Preset> {
 protected:
  QualityScores scores(const VideoClip& x, const VideoClip& y, ScoreRequest request = {}) const {
    request.metrics = {{GetParam().id}};
    return score(x, y, request);
  }
  double value(const VideoClip& x, const VideoClip& y) const {
    const Score mine = *scores(x, y).find(GetParam().id);
    EXPECT_EQ(mine.error, "");
    return mine.pooled.mean;
  }
  // A size that the preset takes, odd in both directions.
  Size size(std::int64_t frames = 1) const { return {frames, GetParam().multiscale ? 181 : 41, GetParam().multiscale ? 187 : 139}; }
};

VideoClip mirrored(VideoClip clip, bool upside_down) {
  const VideoClip from = clip;
  for (std::int64_t y = 0; y < clip.height; ++y)
    for (std::int64_t x = 0; x < clip.width; ++x)
      for (std::int64_t c = 0; c < 3; ++c) {
        const std::int64_t row = upside_down ? clip.height - 1 - y : y, column = upside_down ? x : clip.width - 1 - x;
        clip.rgb[static_cast<std::size_t>((y * clip.width + x) * 3 + c)] =
            from.rgb[static_cast<std::size_t>((row * clip.width + column) * 3 + c)];
      }
  return clip;
}

TEST_P(Presets, IdenticalIsExactlyOne) {
  const Size several = size(2);
  for (const VideoClip& clip : {testing::noisy(testing::moving_ramps(several), 30), testing::flat(several, 255), testing::flat(several, 0)})
    EXPECT_EQ(scores(clip, clip).find(GetParam().id)->per_frame, (std::vector<double>{1, 1}));
}

TEST_P(Presets, SymmetricToTheLastBit) {
  const VideoClip clip = testing::moving_ramps(size());
  const VideoClip other = testing::noisy(clip, 40);
  EXPECT_EQ(value(clip, other), value(other, clip));
}

TEST_P(Presets, UnchangedByMirroring) {
  const std::int64_t side = GetParam().mirrored_side;
  if (side == 0) GTEST_SKIP() << "its reduction takes every second pixel from the first on";
  const VideoClip clip = testing::moving_ramps({1, side, side});
  const VideoClip other = testing::noisy(clip, 40);
  for (const bool upside_down : {false, true})
    EXPECT_NEAR(value(clip, other), value(mirrored(clip, upside_down), mirrored(other, upside_down)), 1e-12);
}

// Two flat frames have no variance, so what is left is the luminance term (2 a b + C1) / (a^2 + b^2 + C1). Windows of six or seven digits
// don't sum to 1, which leaves a variance of 255^2 times that excess beside C2: up to 3e-5 of the value with pytorch_msssim's.
TEST_P(Presets, OffsetOfFlatFramesIsTheLuminanceTermAlone) {
  const double c1 = GetParam().c1;
  if (c1 == 0) GTEST_SKIP() << "zeros beyond its border are part of its windows";
  for (const auto& [a, b] : {std::pair{0, 255}, {20, 22}, {100, 140}}) {
    const double luminance = (2.0 * a * b + c1) / (a * a + b * b + c1);
    const Size whole{1, 176, 192};  // halved without a remainder: nothing is padded
    const double found = value(testing::flat(whole, static_cast<std::uint8_t>(a)), testing::flat(whole, static_cast<std::uint8_t>(b)));
    EXPECT_NEAR(found, GetParam().multiscale ? std::pow(luminance, 0.1333) : luminance, 3e-5) << a << " and " << b;
  }
}

TEST_P(Presets, FallsAsNoiseGrows) {
  const VideoClip clip = testing::moving_ramps(size());
  double last = 1;
  for (const int amplitude : {1, 2, 4, 8, 16, 32, 64}) {
    const double now = value(clip, testing::noisy(clip, amplitude));
    EXPECT_LT(now, last) << amplitude;
    last = now;
  }
}

TEST_P(Presets, OppositeFramesGiveAFiniteNumber) {
  VideoClip clip = testing::moving_ramps(size()), other = clip;
  for (std::uint8_t& byte : other.rgb) byte = static_cast<std::uint8_t>(255 - byte);
  const double found = value(clip, other);
  EXPECT_GE(found, GetParam().multiscale ? 0 : -1);
  EXPECT_LE(found, 0.5);
}

TEST_P(Presets, RefusesFramesSmallerThanItsSmallest) {
  const std::int64_t side = GetParam().smallest_side;
  const auto word_on = [&](std::int64_t height, std::int64_t width) {
    const Size small{1, height, width};
    return scores(testing::flat(small, 1), testing::flat(small, 2)).find(GetParam().id)->error;
  };
  EXPECT_EQ(word_on(side, side), "");
  if (side == 1) return;
  for (const std::string& error : {word_on(side - 1, 200), word_on(200, side - 1)}) {
    EXPECT_NE(error.find(GetParam().id + " needs frames of at least " + std::to_string(side) + "x" + std::to_string(side)),
              std::string::npos)
        << error;
  }
}

// One frame is shared by threads, several are not; instruction sets differ in width.
TEST_P(Presets, SameBitsForAnyThreadsInstructionSetAndCompany) {
  const Size large{1, 300, 471};
  const VideoClip first = testing::moving_ramps(large), first_other = testing::noisy(first, 20);
  VideoClip clip = testing::moving_ramps({3, 300, 471}), other = clip;
  std::copy(first_other.rgb.begin(), first_other.rgb.end(), other.rgb.begin());
  const double alone = value(first, first_other);
  for (const Simd level : available_simd())
    for (const int threads : {1, 2, 5}) {
      const ScoreRequest request{.metrics = {}, .threads = threads, .simd = level};
      EXPECT_EQ(scores(first, first_other, request).find(GetParam().id)->per_frame, std::vector<double>{alone})
          << to_string(level) << threads;
      EXPECT_EQ(scores(clip, other, request).find(GetParam().id)->per_frame, (std::vector<double>{alone, 1, 1}))
          << to_string(level) << threads;
    }
}

TEST_P(Presets, EverySizeToFortyIsRefusedOrGivesANumber) {
  const VideoClip ramps = testing::moving_ramps({1, 40, 40});
  for (std::int64_t height = 1; height <= 40; ++height)
    for (std::int64_t width = 1; width <= 40; ++width) {
      VideoClip clip{.frames = 1, .height = height, .width = width};
      clip.rgb.assign(ramps.rgb.begin(), ramps.rgb.begin() + height * width * 3);
      const Score found = *scores(clip, testing::noisy(clip, 50), {.metrics = {}, .threads = 1}).find(GetParam().id);
      const bool taken = std::min(height, width) >= GetParam().smallest_side;
      ASSERT_EQ(found.error.empty(), taken) << height << "x" << width << ' ' << found.error;
      if (taken) {
        ASSERT_TRUE(found.per_frame[0] <= 1 && found.per_frame[0] >= -1) << height << "x" << width << ' ' << found.per_frame[0];
      }
    }
}

// They repeat in other words what ssim.ipol says.
constexpr double kC1 = 6.5025;
INSTANTIATE_TEST_SUITE_P(All, Presets,
                         ::testing::Values(Preset{"ssim.ipol", 11, kC1, 47}, Preset{"ssim.skimage7", 7, kC1, 47},
                                           Preset{"ssim.torchmetrics", 6, kC1, 47}, Preset{"ssim.pytorch_msssim", 11, kC1, 47},
                                           Preset{"ssim.svg", 1, 0, 47}, Preset{"ssim.ffmpeg", 8, 416.0 / 4096, 48},
                                           Preset{"ssim.vmaf", 11, kC1, 47}, Preset{"msssim.pytorch_msssim", 161, kC1, 176, true},
                                           Preset{"msssim.torchmetrics", 176, kC1, 176, true}, Preset{"msssim.vmaf", 176, kC1, 0, true}),
                         [](const auto& info) {
                           std::string name = info.param.id;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace wan::metrics
