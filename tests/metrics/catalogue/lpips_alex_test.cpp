// The weights are no part of the tree: ci/bootstrap puts them into the data folder. Without them these tests are skipped and counted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "engine/io/safetensors.h"
#include "metrics/scorer.h"
#include "tests/support/metrics/synthetic_clip.h"

namespace wan::metrics {
namespace {

using ::testing::HasSubstr;
using ::wan::testing::moving_ramps;
using ::wan::testing::noisy;

const std::string kDataDir = WAN_BINARY_DIR "/share/wan-eval/data";

class LpipsAlex : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kDataDir + "/lpips_alex.safetensors")) GTEST_SKIP() << "no LPIPS weights in " << kDataDir;
  }
  static std::vector<double> lpips(const VideoClip& reference, const VideoClip& candidate, int threads = 2, ScoreCache* cache = nullptr) {
    const QualityScores scores =
        score(reference, candidate, {.metrics = {{"lpips.alex"}}, .data_dir = kDataDir, .cache = cache, .threads = threads});
    EXPECT_EQ(scores.find("lpips.alex")->error, "");
    return scores.find("lpips.alex")->per_frame;
  }
};

TEST_F(LpipsAlex, IdenticalIsExactlyZero) {
  const VideoClip clip = noisy(moving_ramps({9, 64, 80}), 40);
  EXPECT_EQ(lpips(clip, clip), std::vector<double>(9, 0.0));
}

TEST_F(LpipsAlex, SymmetricToTheLastBit) {
  const VideoClip clip = moving_ramps({3, 50, 61});
  const VideoClip other = noisy(clip, 30);
  EXPECT_EQ(lpips(clip, other), lpips(other, clip));
}

TEST_F(LpipsAlex, GrowsWithNoise) {
  const VideoClip clip = moving_ramps({1, 64, 64});
  double last = 0;
  for (const int amplitude : {2, 8, 32, 128}) {
    const double now = lpips(clip, noisy(clip, amplitude))[0];
    EXPECT_GT(now, last) << amplitude;
    last = now;
  }
}

// 600 frames of 32x32 make several batches; 200x264 has tiles in every layer.
TEST_F(LpipsAlex, EqualAtAnyThreadCount) {
  for (const testing::Size& size : {testing::Size{1, 128, 128}, testing::Size{5, 200, 264}, testing::Size{600, 32, 32}}) {
    const VideoClip clip = moving_ramps(size);
    const VideoClip other = noisy(clip, 25);
    const auto single = lpips(clip, other, 1);
    ASSERT_EQ(single.size(), static_cast<std::size_t>(size.frames));
    for (const int threads : {2, 3, 5}) EXPECT_EQ(lpips(clip, other, threads), single) << threads;
  }
}

TEST_F(LpipsAlex, CacheChangesNoNumber) {
  ScoreCache cache;
  const VideoClip clip = moving_ramps({9, 64, 64});
  const VideoClip first = noisy(clip, 10), second = noisy(clip, 50);
  EXPECT_EQ(lpips(clip, first, 2, &cache), lpips(clip, first));
  const std::size_t used = cache.used_bytes();
  // Channels x positions at 64x64: 64 x 15^2, 192 x 7^2, then 3^2 of 384, 256 and 256; and the weights.
  const std::size_t maps = 9 * 4 * (64 * 225 + 192 * 49 + (384 + 256 + 256) * 9);
  EXPECT_GT(used, maps);
  EXPECT_EQ(lpips(clip, second, 2, &cache), lpips(clip, second));
  EXPECT_EQ(cache.used_bytes(), used);  // the same reference
  EXPECT_EQ(lpips(first, second, 2, &cache), lpips(first, second));
  EXPECT_EQ(cache.used_bytes(), used + maps);  // another one
}

TEST_F(LpipsAlex, KeepsAsManyFramesOfTheReferenceAsFit) {
  const std::size_t frame = 4 * (64 * 225 + 192 * 49 + (384 + 256 + 256) * 9);
  ScoreCache cache(5 * frame);
  const VideoClip clip = moving_ramps({9, 64, 64});
  for (const int amplitude : {10, 50}) {
    const VideoClip other = noisy(clip, amplitude);
    EXPECT_EQ(lpips(clip, other, 2, &cache), lpips(clip, other));
    EXPECT_EQ(cache.used_bytes(), 5 * frame);
  }
}

TEST_F(LpipsAlex, WorksWithACacheTooSmallForAnything) {
  ScoreCache cache(1000);
  const VideoClip clip = moving_ramps({2, 64, 64});
  EXPECT_EQ(lpips(clip, noisy(clip, 10), 2, &cache), lpips(clip, noisy(clip, 10)));
  EXPECT_EQ(cache.used_bytes(), 0u);
}

// Below: no weights needed.

std::string refusal(const testing::Size& size, const std::string& data_dir) {
  const VideoClip clip = moving_ramps(size);
  const QualityScores scores = score(clip, clip, {.metrics = {{"lpips.alex"}}, .data_dir = data_dir});
  EXPECT_TRUE(scores.find("lpips.alex")->per_frame.empty());
  return scores.find("lpips.alex")->error;
}

TEST(LpipsAlexRefuses, SmallFrames) {
  EXPECT_THAT(refusal({1, 31, 64}, kDataDir), HasSubstr("at least 32x32"));
  EXPECT_THAT(refusal({1, 64, 31}, kDataDir), HasSubstr("at least 32x32"));
}

TEST(LpipsAlexRefuses, MissingWeights) {
  EXPECT_THAT(refusal({1, 32, 32}, ""), HasSubstr("run ci/bootstrap"));
  EXPECT_THAT(refusal({1, 32, 32}, "/nowhere"), HasSubstr("/nowhere/lpips_alex.safetensors is not there; run ci/bootstrap"));
}

TEST(LpipsAlexRefuses, AnotherFileUnderTheName) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "lpips_alex_test";
  std::filesystem::create_directories(folder);
  const auto path = folder / "lpips_alex.safetensors";
  const std::array<float, 6> numbers{};
  const io::TensorToWrite wrong{.name = "conv0.weight", .shape = {2, 3}, .data = std::as_bytes(std::span(numbers))};
  io::write_safetensors(path, std::span(&wrong, 1));
  EXPECT_THAT(refusal({1, 32, 32}, folder.string()), HasSubstr("'conv0.weight' is not the float32 tensor"));
  std::ofstream(path, std::ios::trunc) << "no safetensors";
  EXPECT_THAT(refusal({1, 32, 32}, folder.string()), HasSubstr("lpips_alex.safetensors"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace wan::metrics
