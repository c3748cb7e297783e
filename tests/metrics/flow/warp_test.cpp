#include "metrics/flow/warp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#if __has_include(<opencv2/core.hpp>)
#include <opencv2/core.hpp>
#endif

#include "engine/io/json.h"
#include "metrics/scorer.h"
#include "tests/support/metrics/synthetic_clip.h"

namespace wan::metrics {
namespace {

using ::testing::HasSubstr;
using ::wan::testing::moving_ramps;
using ::wan::testing::noisy;

#ifdef CV_VERSION_MAJOR
constexpr bool kGoldensDis = CV_VERSION_MAJOR == 4 && CV_VERSION_MINOR == 6;
int opencv_threads() { return cv::getNumThreads(); }
void set_opencv_threads(int threads) { cv::setNumThreads(threads); }
#else
constexpr bool kGoldensDis = false;
int opencv_threads() { return 1; }
void set_opencv_threads(int) {}
#endif

flow::Field constant_field(std::int64_t height, std::int64_t width, float x, float y) {
  flow::Field field{.height = height, .width = width, .values = std::vector<float>(static_cast<std::size_t>(height * width * 2))};
  for (std::size_t i = 0; i < field.values.size(); i += 2) field.values[i] = x, field.values[i + 1] = y;
  return field;
}

// A picture whose grey value is 10 x, moved one pixel to the left: along the flow (-1, 0) the second frame is the first but at the left
// border, where the border's own value is read: 10 levels off in each row.
TEST(WarpError, IsZeroAlongTheTrueFlow) {
  constexpr std::int64_t kHeight = 4, kWidth = 8;
  std::vector<std::uint8_t> first(kHeight * kWidth * 3), second(first.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    const std::size_t x = i / 3 % kWidth;
    first[i] = static_cast<std::uint8_t>(10 * x);
    second[i] = static_cast<std::uint8_t>(10 * (x + 1));
  }
  flow::Guide guide{.flow = constant_field(kHeight, kWidth, -1, 0), .usable = std::vector<std::uint8_t>(kHeight * kWidth, 1)};
  EXPECT_DOUBLE_EQ(flow::warp_error(guide, first, second), 100.0 / 255 / 255 / kWidth);
  guide.flow = constant_field(kHeight, kWidth, 0, 0);
  EXPECT_DOUBLE_EQ(flow::warp_error(guide, first, second), 100.0 / 255 / 255);
  guide.flow = constant_field(kHeight, kWidth, 0.5F, 0);  // halfway between 10 (x + 1) and 10 (x + 2), but for the last column
  EXPECT_DOUBLE_EQ(flow::warp_error(guide, first, second), (7 * 225.0 + 100.0) / 8 / 255 / 255);
  guide.usable.assign(guide.usable.size(), 0);
  EXPECT_EQ(flow::warp_error(guide, first, second), 0);
}

TEST(UsablePixels, AreWhereBothFlowsAgreeAndNoMotionEnds) {
  const auto forward = constant_field(6, 8, 2, 0);
  EXPECT_THAT(flow::usable_pixels(forward, constant_field(6, 8, -2, 0)), ::testing::Each(1));
  // |w + w'|^2 = 4 against 0.01 * (4 + 0) + 0.5.
  EXPECT_THAT(flow::usable_pixels(forward, constant_field(6, 8, 0, 0)), ::testing::Each(0));
  // From column 4 on the flow is 3: a gradient of 1 at column 3, against 0.01 * 4 + 0.002.
  auto split = forward, back = constant_field(6, 8, -2, 0);
  for (std::size_t i = 0; i < split.values.size(); i += 2)
    if (i / 2 % 8 >= 4) split.values[i] = 3;
  const auto usable = flow::usable_pixels(split, back);
  for (std::size_t y = 0; y < 6; ++y) {
    EXPECT_EQ(usable[y * 8 + 2], 1);
    EXPECT_EQ(usable[y * 8 + 3], 0);
    EXPECT_EQ(usable[y * 8 + 5], 0);  // |3 - 2|^2 = 1 against 0.01 * 13 + 0.5
  }
}

struct Values {
  std::vector<double> difference, candidate, reference, tof;
  bool operator==(const Values&) const = default;
};

Values values(const VideoClip& reference, const VideoClip& candidate, int threads = 2, ScoreCache* cache = nullptr) {
  const QualityScores scores =
      score(reference, candidate, {.metrics = {{"warp_error"}, {"tof.tecogan"}}, .cache = cache, .threads = threads});
  for (const Score& found : scores.scores) EXPECT_EQ(found.error, "") << found.metric;
  const Score* lai = scores.find("warp.lai");
  return {scores.find("warp_error")->per_frame, lai->per_frame, lai->reference->per_frame, scores.find("tof.tecogan")->per_frame};
}

// tests/data/metrics/make_flow_golden.py. OpenCV computes in float32, and its builds for different processors round differently.
TEST(Flow, EqualsPythonsOpenCv) {
  if (!flow::have_optical_flow()) GTEST_SKIP() << "no OpenCV";
  const io::JsonValue cases = io::JsonValue::read(WAN_TEST_DATA "/metrics/flow_golden.json");
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const io::JsonValue golden = cases.at(i);
    const VideoClip clip = moving_ramps({golden.at("frames").as_int(), golden.at("height").as_int(), golden.at("width").as_int()});
    const Values found = values(clip, noisy(clip, static_cast<int>(golden.at("amplitude").as_int())));
    const auto tof = golden.at("tof.tecogan").as_doubles();
    ASSERT_EQ(found.tof.size(), tof.size());
    for (std::size_t t = 0; t < tof.size(); ++t) EXPECT_NEAR(found.tof[t], tof[t], 1e-5) << golden.where();
    // Dense inverse search is not the same in every version. A pixel at the limit of the mask may fall to the other side in float32: 1e-3.
    if (!kGoldensDis) continue;
    const auto reference = golden.at("warp").at("reference").as_doubles(), candidate = golden.at("warp").at("candidate").as_doubles();
    ASSERT_EQ(found.reference.size(), reference.size());
    for (std::size_t t = 0; t < reference.size(); ++t) {
      EXPECT_NEAR(found.reference[t], reference[t], 1e-3 * reference[t]) << golden.where();
      EXPECT_NEAR(found.candidate[t], candidate[t], 1e-3 * candidate[t]) << golden.where();
      EXPECT_EQ(found.difference[t], found.candidate[t] - found.reference[t]);
    }
  }
}

TEST(Flow, IdenticalClipsHaveNoDistance) {
  if (!flow::have_optical_flow()) GTEST_SKIP() << "no OpenCV";
  const VideoClip clip = noisy(moving_ramps({7, 64, 80}), 20);
  const Values found = values(clip, clip);
  EXPECT_THAT(found.tof, ::testing::Each(0.0));
  EXPECT_THAT(found.difference, ::testing::Each(0.0));
}

// OpenCV's own number of threads must not matter either, and is left as it was.
TEST(Flow, EqualAtAnyThreadCountWithAndWithoutCache) {
  if (!flow::have_optical_flow()) GTEST_SKIP() << "no OpenCV";
  const VideoClip clip = moving_ramps({13, 96, 128});
  const VideoClip other = noisy(clip, 15);
  const int before = opencv_threads();
  set_opencv_threads(1);
  const Values single = values(clip, other, 1);
  ScoreCache cache, small(3 * 96 * 128 * 9);
  for (const int threads : {2, 3, 5}) {
    set_opencv_threads(threads);
    EXPECT_EQ(values(clip, other, threads), single) << threads;
    EXPECT_EQ(values(clip, other, threads, &cache), single) << threads;
    EXPECT_EQ(values(clip, other, threads, &small), single) << threads;
    EXPECT_EQ(opencv_threads(), threads);
  }
  set_opencv_threads(before);
}

std::string refusal(const std::string& metric, const testing::Size& size) {
  const VideoClip clip = moving_ramps(size);
  return score(clip, clip, {.metrics = {{metric}}}).scores.at(0).error;
}

TEST(Flow, RefusesWhatHasNoBasis) {
  if (!flow::have_optical_flow()) {
    EXPECT_THAT(refusal("tof.tecogan", {8, 64, 64}), HasSubstr("this build has no OpenCV"));
    return;
  }
  EXPECT_THAT(refusal("tof.tecogan", {5, 64, 64}), HasSubstr("needs at least 6 frames, these clips have 5"));
  EXPECT_THAT(refusal("tof.tecogan", {6, 47, 64}), HasSubstr("at least 48x48"));
  EXPECT_THAT(refusal("warp_error", {1, 64, 64}), HasSubstr("consecutive frames"));
  EXPECT_THAT(refusal("warp.lai", {2, 31, 64}), HasSubstr("at least 32x32"));
}

}  // namespace
}  // namespace wan::metrics
