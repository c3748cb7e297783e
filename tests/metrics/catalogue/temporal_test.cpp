// Temporal scores against closed forms and a plain loop over the pixels.
#include <gtest/gtest.h>

#include <cmath>

#include "metrics/clip_profile.h"
#include "metrics/scorer.h"
#include "tests/support/metrics/damage.h"
#include "tests/support/metrics/synthetic_clip.h"

namespace wan::metrics {
namespace {

using namespace wan::testing;

Score get(const std::string& id, const VideoClip& reference, const VideoClip& candidate) {
  return *score(reference, candidate, {.metrics = {{id}}}).find(id);
}

double mean_step(const VideoClip& clip, std::int64_t t) {
  double sum = 0;
  for (std::size_t i = 0; i < clip.frame(t).size(); ++i) sum += std::abs(clip.frame(t)[i] - clip.frame(t - 1)[i]);
  return sum / static_cast<double>(clip.frame(t).size());
}

TEST(FlickerVbench, IsTheFormulaForBothClips) {
  const VideoClip clip = moving_ramps({5, 33, 47}), other = noisy(clip, 9);
  const Score seen = get("flicker.vbench", clip, other);
  ASSERT_EQ(seen.per_frame.size(), 4u);
  ASSERT_TRUE(seen.reference);
  for (std::int64_t t = 1; t < 5; ++t) {
    EXPECT_NEAR(seen.per_frame[static_cast<std::size_t>(t - 1)], (255 - mean_step(other, t)) / 255, 1e-12);
    EXPECT_NEAR(seen.reference->per_frame[static_cast<std::size_t>(t - 1)], (255 - mean_step(clip, t)) / 255, 1e-12);
  }
  EXPECT_EQ(get("flicker.vbench", flat({3, 8, 8}, 9), flat({3, 8, 8}, 9)).pooled.mean, 1);
  EXPECT_NE(get("flicker.vbench", flat({1, 8, 8}, 9), flat({1, 8, 8}, 9)).error, "");
}

// Every fourth frame of a still clip brighter by 5: second differences of 5, 10, 5, 0 around it.
TEST(FlickerStill, OfAStillClipIsTheSecondDifference) {
  const VideoClip clip = flat({17, 20, 24}, 100);
  const VideoClip flicker = flickering(clip, 0, 5);
  const Score seen = get("flicker.still", clip, flicker);
  ASSERT_EQ(seen.per_frame.size(), 15u);
  for (std::size_t i = 0; i < 15; ++i) EXPECT_EQ(seen.per_frame[i], (std::array<double, 4>{10, 5, 0, 5}[(i + 1) % 4])) << i;
  EXPECT_GE(get("flicker.still.period4", clip, flicker).pooled.mean, 5);
  EXPECT_EQ(get("flicker.still.period4", clip, clip).pooled.mean, 0);
}

TEST(FlickerStill, WhatMovesDoesNotCount) {
  const VideoClip clip = fading(flat({9, 32, 40}, 20), 200);  // 25 levels a frame
  EXPECT_EQ(get("flicker.still", clip, noisy(clip, 30)).pooled.max, 0);
}

TEST(Motion, ComparesProfiles) {
  const VideoClip clip = moving_ramps({9, 32, 40});
  EXPECT_EQ(get("motion", clip, clip).pooled.mean, 1);
  EXPECT_EQ(get("motion.worst", clip, clip).pooled.mean, 0);
  EXPECT_EQ(get("motion.correlation", clip, clip).pooled.mean, 1);
  const VideoClip frozen = with_frozen_frames(clip, 0, 8);
  EXPECT_EQ(get("motion", clip, frozen).pooled.mean, 0);
  double worst = 0;
  for (std::int64_t t = 1; t < 9; ++t) worst = std::max(worst, std::log2((mean_step(clip, t) + 0.5) / 0.5));
  EXPECT_NEAR(get("motion.worst", clip, frozen).pooled.mean, worst, 1e-12);
  EXPECT_EQ(get("motion.correlation", frozen, frozen).pooled.mean, 1);
  EXPECT_GT(get("motion", clip, noisy(clip, 20)).pooled.mean, 1.5);
}

TEST(Grade, IsTheDifferenceOfMeans) {
  const VideoClip clip = flat({3, 8, 8}, 100);
  const VideoClip red = regraded(clip, 1, {10, 0, 0});
  EXPECT_NEAR(get("grade", clip, red).pooled.mean, 2.99, 1e-9);
  EXPECT_NEAR(get("grade.cb", clip, red).pooled.mean, 2.99 / 1.772, 1e-9);
  EXPECT_NEAR(get("grade.cr", clip, red).pooled.mean, (10 - 2.99) / 1.402, 1e-9);
  EXPECT_NEAR(get("grade.saturation", clip, red).pooled.mean, 10, 1e-9);
  EXPECT_EQ(get("grade", clip, clip).pooled.max, 0);
}

TEST(Periodicity, SeesWhatRepeatsAndNotWhatDrifts) {
  std::vector<double> drift(20), spikes(20), once(20);
  for (std::size_t i = 0; i < 20; ++i) drift[i] = 0.5 * static_cast<double>(i), spikes[i] = drift[i] + (i % 4 == 2 ? 3 : 0);
  once[9] = 3;
  EXPECT_TRUE(periodicity(spikes, 4).repeated);
  EXPECT_EQ(periodicity(spikes, 4).phase, 2);
  EXPECT_NEAR(periodicity(spikes, 4).amplitude, 3, 1);
  EXPECT_GT(periodicity(spikes, 4).explained, 0.9);
  EXPECT_LT(periodicity(drift, 4).amplitude, 0.3);
  EXPECT_FALSE(periodicity(once, 4).repeated);
  EXPECT_EQ(periodicity(std::vector<double>{1, 2, 1, 2, 1, 2, 1}, 4).amplitude, 0);  // less than two periods
}

}  // namespace
}  // namespace wan::metrics
