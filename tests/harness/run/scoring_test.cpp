#include "harness/run/scoring.h"

#include <gtest/gtest.h>

#include "engine/base/video_clip.h"

namespace wan::run {
namespace {

VideoClip clip(std::uint8_t value, std::int64_t frames = 5) {
  VideoClip clip{.frames = frames, .height = 16, .width = 16};
  clip.rgb.assign(static_cast<std::size_t>(frames * 16 * 16 * 3), value);
  return clip;
}

TEST(Scoring, DefaultIsEveryMetricButNull) {
  Scoring scoring({}, "no folder");
  const VideoClip reference = clip(100), candidate = clip(102);
  const auto scores =
      scoring.score({.reference = reference, .reference_hash = reference.content_hash(), .candidate = candidate, .prompt = ""});
  ASSERT_NE(scores.find("mse"), nullptr);
  EXPECT_DOUBLE_EQ(scores.find("mse")->pooled.mean, 4);
  EXPECT_NE(scores.find("psnr.pooled"), nullptr);
  EXPECT_NE(scores.find("ssim.ipol"), nullptr);
  EXPECT_EQ(scores.find("null"), nullptr);
  EXPECT_GE(scores.artifacts.size(), 4u) << "the detectors";
}

TEST(Scoring, ClipsThatCannotBeComparedGiveScoresThatSayWhy) {
  Scoring scoring({"mse", "psnr"}, "");
  const VideoClip reference = clip(100), candidate = clip(100, 9);
  const auto scores =
      scoring.score({.reference = reference, .reference_hash = reference.content_hash(), .candidate = candidate, .prompt = ""});
  ASSERT_EQ(scores.scores.size(), 2u);
  for (const auto& score : scores.scores) EXPECT_FALSE(score.error.empty());
}

}  // namespace
}  // namespace wan::run
