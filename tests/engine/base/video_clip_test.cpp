#include "engine/base/video_clip.h"

#include <gtest/gtest.h>

#include "engine/base/error.h"
#include "engine/base/sha256.h"
#include "engine/base/stage_times.h"

namespace wan {
namespace {

VideoClip clip_of(std::int64_t frames, std::int64_t height, std::int64_t width) {
  VideoClip clip{.frames = frames, .height = height, .width = width};
  for (std::int64_t i = 0; i < frames * height * width * 3; ++i) clip.rgb.push_back(static_cast<std::uint8_t>(i));
  return clip;
}

TEST(VideoClip, FramesAreSlicesOfThePixels) {
  const VideoClip clip = clip_of(3, 2, 4);
  EXPECT_EQ(clip.frame(0).size(), 24u);
  EXPECT_EQ(clip.frame(2)[0], 48);
  EXPECT_THROW(clip.frame(3), CheckError);
  EXPECT_THROW(clip.frame(-1), CheckError);
}

TEST(VideoClip, HashIsOfShapeAndPixelsAlone) {
  const VideoClip clip = clip_of(3, 2, 4);
  std::string expected = "3x2x4:";
  for (const std::uint8_t value : clip.rgb) expected += static_cast<char>(value);
  EXPECT_EQ(clip.content_hash(), sha256_hex(expected));

  VideoClip other = clip;
  other.frames_per_second = 24;
  other.nonfinite_values = 1;
  EXPECT_EQ(other.content_hash(), clip.content_hash());
  other.rgb.back() ^= 1;
  EXPECT_NE(other.content_hash(), clip.content_hash());
  EXPECT_NE(clip_of(3, 4, 2).content_hash(), clip.content_hash()) << "the same bytes in another shape";
}

TEST(StageTimes, AbsentStagesTookNoTime) {
  const StageTimes times{.stages = {{"vae_decode", 1.5}}};
  EXPECT_EQ(times.stage_s("vae_decode"), 1.5);
  EXPECT_EQ(times.stage_s("text_encoding"), 0.0);
}

}  // namespace
}  // namespace wan
