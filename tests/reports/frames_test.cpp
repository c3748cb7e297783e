#include "reports/frames.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "engine/media/clip_file.h"
#include "tests/support/reports/fixture.h"

namespace wan::reports {
namespace {

class WorstFrames : public ::testing::Test {
 protected:
  WorstFrames() : folder_(testing::own_folder()) {}
  ~WorstFrames() override { std::filesystem::remove_all(folder_); }

  const WorstFrame& of(const std::string& configuration) {
    found_ = worst_frames(fixture_.data());
    for (const auto& worst : found_)
      if (worst.candidate->configuration == configuration) return worst;
    throw std::runtime_error("no worst frame of " + configuration);
  }

  testing::Fixture fixture_ = testing::tier2_run();
  std::filesystem::path folder_;
  std::vector<WorstFrame> found_;
};

// In the fixture the error grows from frame to frame, and prompt number 5, clockwork, has the largest.
TEST_F(WorstFrames, ChoosesTheWorstClipAndItsWorstFrame) {
  const auto& worst = of("fp8_full");
  EXPECT_EQ(worst.candidate->prompt, "clockwork");
  EXPECT_EQ(worst.frame, 16U);
  EXPECT_EQ(worst.metric, "lpips.alex");
  EXPECT_EQ(worst.baseline->configuration, "bf16");
  ASSERT_TRUE(worst.floor);
  EXPECT_EQ(worst.floor->configuration, "bf16_twin");
}

TEST_F(WorstFrames, WorstConfigurationComesFirstAndIdenticalOnesNotAtAll) {
  const auto found = worst_frames(fixture_.data());
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found.front().candidate->configuration, "fp8_full");
  EXPECT_EQ(found.back().candidate->configuration, "int8_linear");
  for (const auto& worst : found) EXPECT_NE(worst.candidate->configuration, "phase0");
}

TEST_F(WorstFrames, WithoutLpipsSsimDecidesAndItsLowestIsTheWorst) {
  for (auto& record : fixture_.run.configurations)
    for (auto& cell : record.cells) std::erase_if(cell.scores.scores, [](const auto& score) { return score.metric == "lpips.alex"; });
  auto& spoiled = fixture_.run.configurations[4].cells[2].scores.scores;
  for (auto& score : spoiled)
    if (score.metric == "ssim.ipol") score.per_frame[3] = -0.5;
  const auto& worst = of("fp8_full");
  EXPECT_EQ(worst.metric, "ssim.ipol");
  EXPECT_EQ(worst.candidate->prompt, "ballet");
  EXPECT_EQ(worst.frame, 3U);
  EXPECT_EQ(worst.value, -0.5);
}

TEST_F(WorstFrames, ImagesCarryTheDifferenceAtAGainThatShowsIt) {
  testing::keep_clips(fixture_, folder_);
  std::string reason;
  const auto images = read_frame_images(fixture_.data(), of("fp8_full"), reason);
  ASSERT_TRUE(images) << reason;
  // The clips differ by a checker of 1.5 per frame number: 24 in frame 16, of which 8 is the largest power of two that stays below 256.
  EXPECT_EQ(images->gain, 8);
  EXPECT_EQ(images->width, 128);
  EXPECT_EQ(images->height, 96);
  for (const auto* uri : {&images->baseline, &images->candidate, &images->difference, &images->floor_difference})
    EXPECT_TRUE(uri->starts_with("data:image/png;base64,iVBOR"));
  EXPECT_NE(images->baseline, images->candidate);
  EXPECT_NE(images->difference, images->floor_difference);
}

TEST_F(WorstFrames, WideFramesAreAveragedDown) {
  testing::keep_clips(fixture_, folder_);
  VideoClip wide{.frames = 17, .height = 10, .width = 1000};
  wide.rgb.resize(17 * 10 * 1000 * 3, 100);
  const auto& worst = of("fp8_full");
  for (const auto* cell : {worst.baseline, worst.candidate, worst.floor}) media::write_clip(wide, folder_ / cell->clip_file);
  std::string reason;
  const auto images = read_frame_images(fixture_.data(), worst, reason);
  ASSERT_TRUE(images) << reason;
  EXPECT_EQ(images->width, 333);  // a third: the least whole factor that brings 1000 under 480
  EXPECT_EQ(images->height, 3);
}

TEST_F(WorstFrames, WhatCannotBeShownHasAReason) {
  std::string reason;
  EXPECT_FALSE(read_frame_images(fixture_.data(), of("fp8_full"), reason));
  EXPECT_NE(reason.find("kept no clip"), std::string::npos);
  testing::keep_clips(fixture_, folder_);
  std::filesystem::remove_all(folder_);
  EXPECT_FALSE(read_frame_images(fixture_.data(), of("fp8_full"), reason));
  EXPECT_NE(reason, "");
}

TEST_F(WorstFrames, ClipsOfDifferentSizeAreRefused) {
  testing::keep_clips(fixture_, folder_);
  VideoClip small{.frames = 17, .height = 8, .width = 8};
  small.rgb.resize(17 * 8 * 8 * 3);
  const auto& worst = of("fp8_full");
  media::write_clip(small, folder_ / worst.candidate->clip_file);
  std::string reason;
  EXPECT_FALSE(read_frame_images(fixture_.data(), worst, reason));
  EXPECT_NE(reason.find("differ in size"), std::string::npos);
}

}  // namespace
}  // namespace wan::reports
