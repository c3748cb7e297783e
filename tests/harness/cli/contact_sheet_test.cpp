#include "harness/cli/contact_sheet.h"

#include <gtest/gtest.h>

#include "engine/base/error.h"
#include "engine/media/clip_file.h"

namespace wan::cli {
namespace {

// Frame i of the clip is of one level, base + i.
VideoClip clip(std::int64_t frames, std::int64_t height, std::int64_t width, std::uint8_t base) {
  VideoClip made{.frames = frames, .height = height, .width = width};
  for (std::int64_t i = 0; i < frames; ++i)
    made.rgb.insert(made.rgb.end(), static_cast<std::size_t>(height * width * 3), static_cast<std::uint8_t>(base + i));
  return made;
}

TEST(ContactSheet, ShowsFirstMiddleAndLastFrameRowByRow) {
  const std::string path = ::testing::TempDir() + "sheet.png";
  ContactSheet sheet(/*clips_a_row=*/2);
  for (const int base : {10, 50, 90}) sheet.add(clip(9, 4, 6, static_cast<std::uint8_t>(base)));
  sheet.add(clip(9, 8, 6, 200));  // of another size: left out
  sheet.write(path);
  const VideoClip seen = media::read_clip(path);
  ASSERT_EQ(seen.height, 2 * 4);
  ASSERT_EQ(seen.width, 2 * 3 * 6);
  const auto level = [&](std::int64_t row, std::int64_t column) {
    return static_cast<int>(seen.rgb[static_cast<std::size_t>(((row * 4 + 2) * seen.width + column * 6 + 3) * 3)]);
  };
  EXPECT_EQ(level(0, 0), 10);
  EXPECT_EQ(level(0, 1), 14);
  EXPECT_EQ(level(0, 2), 18);
  EXPECT_EQ(level(0, 3), 50);
  EXPECT_EQ(level(1, 2), 98);
  EXPECT_EQ(level(1, 3), 0) << "an empty place is black";
}

TEST(ContactSheet, SaysWhereItCannotBeWritten) {
  ContactSheet sheet(1);
  sheet.add(clip(1, 2, 2, 7));
  EXPECT_THROW(sheet.write("/no/such/folder/sheet.png"), UsageError);
}

}  // namespace
}  // namespace wan::cli
