#include "engine/media/y4m.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "engine/media/clip_file.h"
#include "engine/media/formats.h"
#include "tests/support/synthetic_clip.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan::media {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::wan::testing::TemporaryFolder;

VideoClip parse(const std::string& file) { return read_all(*parse_y4m(std::as_bytes(std::span(file)), nullptr, "a.y4m")); }

std::string file_of(const std::string& parameters, const std::string& planes) { return "YUV4MPEG2 " + parameters + "\nFRAME\n" + planes; }

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int v : values) text += static_cast<char>(v);
  return text;
}

int worst_difference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  int worst = a.size() == b.size() ? 0 : 256;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) worst = std::max(worst, std::abs(int{a[i]} - int{b[i]}));
  return worst;
}

// Rounding Y, Cb and Cr errs by 1/2 each. A channel feels Y whole and Cr by 1.402 (red), Cb by 1.772 (blue) or 0.714 and 0.344 (green): at
// most 1/2 + 1.772/2 = 1.39 before it is rounded itself, so at most 1 after. All 2^24 colours would take seconds; every 5th of each channel
// shows it.
TEST(Y4mColour, RgbThereAndBackDiffersByAtMostOne) {
  std::vector<std::uint8_t> rgb;
  for (int r = 0; r < 256; r += 5)
    for (int g = 0; g < 256; g += 5)
      for (int b = 0; b < 256; b += 5)
        for (const int v : {r, g, b}) rgb.push_back(static_cast<std::uint8_t>(v));
  std::vector<std::uint8_t> planes(rgb.size()), back(rgb.size());
  planes_from_rgb(rgb, planes);
  const auto pixels = static_cast<std::int64_t>(rgb.size() / 3);
  rgb_from_planes({.width = pixels, .height = 1, .chroma_width = pixels, .chroma_height = 1, .full_range = true}, planes, back);
  EXPECT_EQ(worst_difference(rgb, back), 1);
}

TEST(Y4mColour, PrimariesHaveTheirBt601Values) {
  const std::vector<std::uint8_t> rgb = {255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255};
  std::vector<std::uint8_t> planes(rgb.size());
  planes_from_rgb(rgb, planes);
  EXPECT_THAT(planes, ElementsAre(255, 0, 76, 150, 29, /*Cb*/ 128, 128, 85, 44, 255, /*Cr*/ 128, 128, 255, 21, 107));
}

TEST(Y4mColour, LimitedRangeIsStretched) {
  const VideoClip clip = parse(file_of("W2 H1 C444", bytes({16, 235, 128, 128, 128, 128})));
  EXPECT_THAT(clip.rgb, ElementsAre(0, 0, 0, 255, 255, 255));
  const VideoClip full = parse(file_of("W2 H1 C444 XCOLORRANGE=FULL", bytes({16, 235, 128, 128, 128, 128})));
  EXPECT_THAT(full.rgb, ElementsAre(16, 16, 16, 235, 235, 235));
  const VideoClip beyond = parse(file_of("W2 H1 Cmono", bytes({0, 255})));
  EXPECT_THAT(beyond.rgb, ElementsAre(0, 0, 0, 255, 255, 255)) << "head- and footroom is clamped";
}

TEST(Y4mColour, ChromaIsInterpolatedWhereItLies) {
  // Luma is 100; Cr is 128 and 168 in the left and right half, so red rises by 1.402 * 40 = 56.08 from left to right.
  const std::string planes = bytes({100, 100, 100, 100, 100, 100, 100, 100, /*Cb*/ 128, 128, /*Cr*/ 128, 168});
  const auto red = [](const VideoClip& clip) {
    std::vector<int> values;
    for (std::size_t x = 0; x < 4; ++x) values.push_back(clip.rgb[3 * x]);
    return values;
  };
  // Centred: samples at 1/2 and 5/2, so columns 1 and 2 lie 1/4 and 3/4 of the way. Co-sited: samples at 0 and 2.
  EXPECT_THAT(red(parse(file_of("W4 H2 C420jpeg XCOLORRANGE=FULL", planes))), ElementsAre(100, 114, 142, 156));
  EXPECT_THAT(red(parse(file_of("W4 H2 C420mpeg2 XCOLORRANGE=FULL", planes))), ElementsAre(100, 128, 156, 156));
}

TEST(Y4m, RoundTripsWithinOneLevel) {
  const TemporaryFolder folder;
  for (const double rate : {16.0, 24000.0 / 1001.0, 12.5}) {
    VideoClip clip = wan::testing::noise_clip(3, 7, 5);
    clip.frames_per_second = rate;
    write_clip(clip, folder / "clip.y4m");
    const VideoClip read = read_clip(folder / "clip.y4m");
    EXPECT_EQ(read.frames, 3);
    EXPECT_EQ(read.height, 7);
    EXPECT_EQ(read.width, 5);
    EXPECT_DOUBLE_EQ(read.frames_per_second, rate);
    EXPECT_LE(worst_difference(read.rgb, clip.rgb), 1);
  }
}

TEST(Y4m, ReadsOddSizesAndManyFrames) {
  const std::string frame(9 + 2 * 4, '\x80');  // 3x3 in 4:2:0: 9 luma samples, 2x2 of each chroma
  const VideoClip clip = parse("YUV4MPEG2 W3 H3 F30:1 Ip A1:1 C420jpeg XYSCSS=420JPEG\nFRAME\n" + frame + "FRAME Ix\n" + frame);
  EXPECT_EQ(clip.frames, 2);
  EXPECT_EQ(clip.frames_per_second, 30.0);
  EXPECT_EQ(clip.rgb.size(), 2u * 27);
  EXPECT_EQ(parse(file_of("W2 H2 F0:0", std::string(6, '\x80'))).frames_per_second, 16.0) << "an unknown rate";
}

TEST(Y4m, BadHeadersAreRefused) {
  const std::string planes(64, '\x80');
  for (const char* parameters : {"", "W4", "H4", "W0 H4", "W-4 H4", "W4 H4x", "W99999999999999999999 H4", "W70000 H4", "W4 H4 F16",
                                 "W4 H4 F-1:1", "W4 H4 Fa:b", "W4 H4 C422", "W4 H4 C420p10", "W4 H4 C", "W4 H4 It", "W4 H4 Im"})
    EXPECT_USAGE_ERROR(parse(file_of(parameters, planes)), HasSubstr("a.y4m"));
  for (const char* file :
       {"", "YUV4MPEG2", "YUV4MPEG2 W4 H4", "YUV4MPEG W4 H4\nFRAME\n", "YUV4MPEG2W4 H4\nFRAME\n", "YUV4MPEG2 W4 H4\n", "RIFF"})
    EXPECT_USAGE_ERROR(parse(file), HasSubstr("a.y4m"));
  EXPECT_USAGE_ERROR(parse("YUV4MPEG2 W4 H4 " + std::string(5000, ' ') + "\nFRAME\n" + planes), HasSubstr("a.y4m"));
}

TEST(Y4m, EveryTruncationIsRefused) {
  const std::string one = file_of("W2 H2 F16:1", std::string(6, '\x80'));
  const std::string whole = one + "FRAME\n" + std::string(6, '\x80');
  EXPECT_EQ(parse(whole).frames, 2);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    if (size == one.size()) continue;  // a file of one frame
    EXPECT_THROW(parse(whole.substr(0, size)), UsageError) << size;
  }
  EXPECT_USAGE_ERROR(parse(whole + "rest"), HasSubstr("frame 2"));
}

TEST(Y4m, FfmpegSeesTheSamePictures) {
  if (std::system("command -v ffmpeg > /dev/null 2>&1") != 0) GTEST_SKIP() << "no ffmpeg here";
  const TemporaryFolder folder;
  const VideoClip clip = wan::testing::smooth_clip(2, 32, 48);
  write_clip(clip, folder / "clip.y4m");
  const std::string convert =
      fmt::format("ffmpeg -v error -i {} -f rawvideo -pix_fmt rgb24 {}", (folder / "clip.y4m").string(), (folder / "raw").string());
  ASSERT_EQ(std::system(convert.c_str()), 0);
  std::ifstream in(folder / "raw", std::ios::binary);
  const std::vector<std::uint8_t> raw{std::istreambuf_iterator<char>(in), {}};
  // One level from our rounding (above), two from the fixed-point arithmetic of FFmpeg's scaler; a wrong range or matrix gives ten and
  // more.
  EXPECT_LE(worst_difference(raw, clip.rgb), 3);
}

}  // namespace
}  // namespace wan::media
