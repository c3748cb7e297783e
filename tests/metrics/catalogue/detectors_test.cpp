// Every detector on clips that show its fault and on clips that only look like it. All are relative to the reference.
#include <gtest/gtest.h>

#include <numeric>

#include "metrics/scorer.h"
#include "tests/support/metrics/synthetic_clip.h"

namespace wan::metrics {
namespace {

using testing::flat;
using testing::moving_ramps;
using testing::noisy;
using testing::with_flat_frame;
using testing::with_frozen_frames;

using Frames = std::vector<std::int64_t>;

constexpr testing::Size kSize{17, 32, 40};

ArtifactFinding find(const std::string& detector, const VideoClip& reference, const VideoClip& candidate,
                     const Parameters& parameters = {}) {
  const QualityScores scores = score(reference, candidate, {.metrics = {{detector, parameters}}});
  EXPECT_TRUE(scores.scores.empty());
  EXPECT_EQ(scores.artifacts.size(), 1u);  // listed even when silent
  EXPECT_EQ(scores.artifacts.at(0).detector, detector);
  EXPECT_EQ(scores.artifacts.at(0).fired,
            !scores.artifacts.at(0).frames.empty() || (detector == "nonfinite" && scores.artifacts.at(0).fired));
  return scores.artifacts.at(0);
}

TEST(Nonfinite, FiresOnMoreThanTheReferenceHas) {
  const VideoClip clip = moving_ramps(kSize);
  VideoClip bad = clip;
  bad.nonfinite_values = 12;
  EXPECT_TRUE(find("nonfinite", clip, bad).fired);
  EXPECT_NE(find("nonfinite", clip, bad).detail.find("12"), std::string::npos);
  EXPECT_FALSE(find("nonfinite", clip, clip).fired);
  EXPECT_FALSE(find("nonfinite", bad, bad).fired);
  EXPECT_FALSE(find("nonfinite", bad, clip).fired);
}

TEST(BlackFrame, FiresWhereOnlyTheCandidateIsBlack) {
  const VideoClip clip = moving_ramps(kSize);
  EXPECT_EQ(find("black_frame", clip, with_flat_frame(clip, 5, 0)).frames, Frames{5});
  EXPECT_EQ(find("black_frame", clip, noisy(with_flat_frame(with_flat_frame(clip, 0, 8), 16, 0), 10)).frames, (Frames{0, 16}));
  EXPECT_TRUE(find("black_frame", clip, flat(kSize, 0)).fired);
}

TEST(BlackFrame, IsSilentOnWhatTheReferenceShowsToo) {
  const VideoClip clip = moving_ramps(kSize);
  const VideoClip fading = with_flat_frame(clip, 16, 0);
  EXPECT_FALSE(find("black_frame", clip, noisy(clip, 20)).fired);
  EXPECT_FALSE(find("black_frame", flat(kSize, 0), flat(kSize, 0)).fired);
  EXPECT_FALSE(find("black_frame", fading, noisy(fading, 5)).fired);
  EXPECT_FALSE(find("black_frame", with_flat_frame(clip, 7, 0), with_flat_frame(clip, 8, 0)).fired);  // the same cut one frame later
  EXPECT_FALSE(find("black_frame", clip, flat(kSize, 60)).fired);                                     // dark gray, not black
}

TEST(BlackFrame, SaturatedBlueIsNotBlack) {
  VideoClip blue = flat(kSize, 0);
  for (std::size_t i = 2; i < blue.rgb.size(); i += 3) blue.rgb[i] = 255;
  EXPECT_FALSE(find("black_frame", moving_ramps(kSize), blue).fired);
}

// A night scene: 95 % of the pixels dark in the reference, all of them in the candidate.
TEST(BlackFrame, IsSilentOnASceneThatWasNearlyBlack) {
  VideoClip night = flat(kSize, 5);
  for (std::size_t pixel = 0; pixel < night.rgb.size() / 3; pixel += 20) night.rgb[pixel * 3] = 200;
  EXPECT_FALSE(find("black_frame", night, flat(kSize, 5)).fired);
}

TEST(BlackFrame, LimitIsAParameter) {
  const VideoClip clip = moving_ramps(kSize);
  VideoClip most = with_flat_frame(clip, 3, 0);  // 90 % of the frame's pixels
  const std::size_t frame = most.rgb.size() / 17;
  std::fill_n(most.rgb.begin() + static_cast<std::ptrdiff_t>(3 * frame), frame / 10, std::uint8_t{200});
  EXPECT_FALSE(find("black_frame", clip, most).fired);
  EXPECT_EQ(find("black_frame", clip, most, {{"share", 0.9}}).frames, Frames{3});
}

TEST(ConstantFrame, FiresOnOneColourOfAnyLevel) {
  const VideoClip clip = moving_ramps(kSize);
  for (const int level : {0, 128, 255})
    EXPECT_EQ(find("constant_frame", clip, with_flat_frame(clip, 9, static_cast<std::uint8_t>(level))).frames, Frames{9}) << level;
  EXPECT_TRUE(find("constant_frame", clip, noisy(flat(kSize, 90), 1)).fired);  // deviation 0.8
}

TEST(ConstantFrame, IsSilentOnPicturesAndOnAFlatReference) {
  const VideoClip clip = moving_ramps(kSize);
  EXPECT_FALSE(find("constant_frame", clip, clip).fired);
  EXPECT_FALSE(find("constant_frame", clip, noisy(flat(kSize, 90), 4)).fired);  // deviation 2.6
  EXPECT_FALSE(find("constant_frame", flat(kSize, 100), flat(kSize, 30)).fired);
  EXPECT_FALSE(find("constant_frame", noisy(flat(kSize, 100), 2), flat(kSize, 100)).fired);  // 1.4: near the limit in the reference
}

// One channel alone may carry the picture.
TEST(ConstantFrame, LooksAtEveryChannel) {
  VideoClip blue = flat(kSize, 0);
  const VideoClip ramps = moving_ramps(kSize);
  for (std::size_t i = 2; i < blue.rgb.size(); i += 3) blue.rgb[i] = ramps.rgb[i];
  EXPECT_FALSE(find("constant_frame", ramps, blue).fired);
}

TEST(Frozen, FiresOnASpanThatStandsStill) {
  const VideoClip clip = moving_ramps(kSize);
  EXPECT_EQ(find("frozen", clip, with_frozen_frames(clip, 6, 10)).frames, (Frames{7, 8, 9, 10}));
  Frames all(16);
  std::iota(all.begin(), all.end(), 1);
  EXPECT_EQ(find("frozen", clip, with_frozen_frames(clip, 0, 16)).frames, all);
  EXPECT_EQ(find("frozen", clip, with_frozen_frames(clip, 12, 16)).frames, (Frames{13, 14, 15, 16}));  // up to the last frame
}

TEST(Frozen, IsSilentOnShortSpansAndOnAStaticReference) {
  const VideoClip clip = moving_ramps(kSize);
  EXPECT_FALSE(find("frozen", clip, noisy(clip, 10)).fired);
  EXPECT_FALSE(find("frozen", clip, with_frozen_frames(with_frozen_frames(clip, 2, 5), 9, 12)).fired);  // three steps twice
  const VideoClip still = with_frozen_frames(clip, 0, 16);
  EXPECT_FALSE(find("frozen", still, still).fired);
  EXPECT_FALSE(find("frozen", with_frozen_frames(clip, 4, 12), with_frozen_frames(clip, 6, 14)).fired);  // two steps more, not four
  EXPECT_FALSE(find("frozen", flat({1, 8, 8}, 3), flat({1, 8, 8}, 3)).fired);                            // one frame has no step
}

TEST(Frozen, SpanIsAParameter) {
  const VideoClip clip = moving_ramps(kSize);
  EXPECT_TRUE(find("frozen", clip, with_frozen_frames(clip, 2, 4), {{"span", std::int64_t{2}}}).fired);
}

}  // namespace
}  // namespace wan::metrics
