#include "engine/media/png.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "engine/io/mapped_file.h"
#include "engine/media/clip_file.h"
#include "tests/support/synthetic_clip.h"
#include "tests/support/usage_error.h"

namespace wan::media {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Image read_data(const std::string& name) {
  return decode_png(io::map_file(std::filesystem::path(WAN_TEST_DATA) / "png" / name).bytes, name);
}

TEST(Png, EveryColourTypeGivesTheSamePixels) {
  for (const char* name : {"grey.png", "rgb.png", "rgba.png", "deep.png", "palette.png"}) {
    const Image image = read_data(name);
    EXPECT_EQ(image.width, 3) << name;
    EXPECT_EQ(image.height, 2) << name;
    EXPECT_THAT(image.rgb, ElementsAre(0, 0, 0, 100, 100, 100, 255, 255, 255, 17, 17, 17, 128, 128, 128, 200, 200, 200)) << name;
  }
}

TEST(Png, WhatIsNotAnOpaqueImageOfSaneSizeIsRefused) {
  EXPECT_USAGE_ERROR(read_data("translucent.png"), AllOf(HasSubstr("translucent.png"), HasSubstr("opaque")));
  EXPECT_USAGE_ERROR(read_data("huge.png"), AllOf(HasSubstr("huge.png"), HasSubstr("900000")));
  EXPECT_THROW(decode_png({}, "empty"), UsageError);
}

TEST(Png, RoundTripsAndRefusesEveryTruncation) {
  const VideoClip clip = wan::testing::noise_clip(1, 5, 7);
  const std::vector<std::uint8_t> file = encode_png(clip.rgb, 5, 7);
  const auto bytes = std::as_bytes(std::span(file));
  EXPECT_EQ(decode_png(bytes, "a.png").rgb, clip.rgb);
  EXPECT_EQ(encode_png(clip.rgb, 5, 7), file) << "the same pixels give the same file";
  // What is behind the compressed pixels carries nothing (their chunk's checksum, the end chunk): libpng may be content without it.
  const std::size_t tail = 4 + 12;
  for (std::size_t size = 0; size < bytes.size() - tail; ++size)
    EXPECT_THROW(decode_png(bytes.first(size), "cut.png"), UsageError) << size << " of " << bytes.size();
}

TEST(Png, WrongSizesAreTheCallersFault) {
  const std::vector<std::uint8_t> rgb(12);
  EXPECT_THROW(encode_png(rgb, 2, 3), CheckError);
  EXPECT_THROW(encode_png({}, 0, 0), CheckError);
}

}  // namespace
}  // namespace wan::media
