#include "engine/media/clip_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>

#include "engine/io/mapped_file.h"
#include "engine/io/safetensors.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/synthetic_clip.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan::media {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::wan::testing::FileSizeLimit;
using ::wan::testing::noise_clip;
using ::wan::testing::smooth_clip;
using ::wan::testing::TemporaryFolder;

void touch(const std::filesystem::path& path, const std::string& content = "") { std::ofstream(path, std::ios::binary) << content; }

TEST(ClipFile, SafetensorsKeepsEverything) {
  const TemporaryFolder folder;
  for (const auto& [frames, height, width] : {std::array{1, 1, 1}, std::array{3, 7, 5}, std::array{17, 32, 48}}) {
    VideoClip clip = noise_clip(frames, height, width);
    clip.frames_per_second = 24000.0 / 1001.0;
    clip.nonfinite_values = 12;
    write_clip(clip, folder / "clip.safetensors");
    const VideoClip read = read_clip(folder / "clip.safetensors");
    EXPECT_EQ(read.content_hash(), clip.content_hash());
    EXPECT_EQ(read.frames_per_second, clip.frames_per_second);
    EXPECT_EQ(read.nonfinite_values, 12);
  }
}

TEST(ClipFile, SafetensorsThatAreNoClipAreRefused) {
  const TemporaryFolder folder;
  const auto path = folder / "clip.safetensors";
  const std::vector<std::byte> data(12);
  const auto write = [&](const std::string& name, io::Dtype dtype, std::vector<std::int64_t> shape, const std::string& fps) {
    const io::TensorToWrite tensor{.name = name, .dtype = dtype, .shape = std::move(shape), .data = data};
    io::write_safetensors(path, {&tensor, 1}, {{"fps", fps}});
  };
  write("video", io::Dtype::u8, {1, 2, 2, 3}, "24");
  EXPECT_EQ(read_clip(path).frames_per_second, 24.0);
  write("clip", io::Dtype::u8, {1, 2, 2, 3}, "16");
  EXPECT_USAGE_ERROR(read_clip(path), AllOf(HasSubstr("clip.safetensors"), HasSubstr("'video'")));
  write("video", io::Dtype::i8, {1, 2, 2, 3}, "16");
  EXPECT_USAGE_ERROR(read_clip(path), HasSubstr("I8"));
  write("video", io::Dtype::u8, {1, 3, 2, 2}, "16");
  EXPECT_USAGE_ERROR(read_clip(path), HasSubstr("[frames, height, width, 3]"));
  write("video", io::Dtype::u8, {4, 3}, "16");
  EXPECT_USAGE_ERROR(read_clip(path), HasSubstr("2 dimensions"));
  for (const char* fps : {"", "fast", "-1", "0", "nan", "inf", "16x"}) {
    write("video", io::Dtype::u8, {1, 2, 2, 3}, fps);
    EXPECT_USAGE_ERROR(read_clip(path), HasSubstr("fps"));
  }
}

TEST(ClipFile, PngFramesAreLossless) {
  const TemporaryFolder folder;
  const VideoClip clip = noise_clip(3, 9, 17);
  write_clip(clip, folder / "frames");
  EXPECT_TRUE(std::filesystem::exists(folder / "frames" / "frame_00002.png"));
  EXPECT_EQ(read_clip(folder / "frames").content_hash(), clip.content_hash());
  EXPECT_EQ(read_clip(folder / "frames").frames_per_second, 16.0);

  const VideoClip shorter = noise_clip(2, 9, 17, 7);
  write_clip(shorter, folder / "frames/");
  EXPECT_EQ(read_clip(folder / "frames").content_hash(), shorter.content_hash()) << "no frame of the earlier clip is left";
  EXPECT_EQ(folder.entries(), 1u);

  const VideoClip still = noise_clip(1, 4, 4);
  write_clip(still, folder / "still.png");
  EXPECT_EQ(read_clip(folder / "still.png").content_hash(), still.content_hash());
  EXPECT_USAGE_ERROR(write_clip(clip, folder / "still.png"), HasSubstr("3 frames"));
}

TEST(ClipFile, PngFoldersOfOthersAreReadInTheOrderOfTheirNumbers) {
  const TemporaryFolder folder;
  const VideoClip clip = noise_clip(11, 4, 6);
  write_clip(clip, folder / "frames");
  std::filesystem::create_directory(folder / "other");
  touch(folder / "other" / "notes.txt", "not a frame");
  for (int i = 0; i < 11; ++i)
    std::filesystem::copy(folder / "frames" / fmt::format("frame_{:05}.png", i), folder / "other" / fmt::format("shot{}.PNG", i + 5));
  EXPECT_EQ(read_clip(folder / "other").content_hash(), clip.content_hash()) << "shot9 comes before shot10";
}

TEST(ClipFile, BadPngFoldersAreRefused) {
  const TemporaryFolder folder;
  const auto frames = folder / "frames";
  write_clip(noise_clip(4, 4, 6), frames);
  EXPECT_USAGE_ERROR(read_clip(folder.path()), HasSubstr("no PNG"));

  std::filesystem::rename(frames / "frame_00002.png", folder / "kept.png");
  EXPECT_USAGE_ERROR(read_clip(frames), HasSubstr("frame 2 is missing"));
  touch(frames / "frame_00002.png", "not a png");
  EXPECT_USAGE_ERROR(read_clip(frames), AllOf(HasSubstr("frame_00002.png"), HasSubstr("PNG")));
  write_clip(noise_clip(1, 4, 8), frames / "frame_00002.png");
  EXPECT_USAGE_ERROR(read_clip(frames), AllOf(HasSubstr("8x4"), HasSubstr("6x4")));
  std::filesystem::rename(folder / "kept.png", frames / "frame_00002.png");
  EXPECT_NO_THROW(read_clip(frames));
  std::filesystem::copy(frames / "frame_00002.png", frames / "frame_2.png");
  EXPECT_USAGE_ERROR(read_clip(frames), HasSubstr("ambiguous"));
  std::filesystem::rename(frames / "frame_2.png", frames / "other_00004.png");
  EXPECT_USAGE_ERROR(read_clip(frames), HasSubstr("two clips"));
  std::filesystem::rename(frames / "other_00004.png", frames / "title.png");
  EXPECT_USAGE_ERROR(read_clip(frames), HasSubstr("title.png"));
}

TEST(ClipFile, FoldersOfSomebodyElseAreNotReplaced) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "mine");
  touch(folder / "mine" / "thesis.txt", "years of work");
  EXPECT_USAGE_ERROR(write_clip(noise_clip(1, 4, 4), folder / "mine"), HasSubstr("thesis.txt"));
  EXPECT_TRUE(std::filesystem::exists(folder / "mine" / "thesis.txt"));
  touch(folder / "file");
  EXPECT_USAGE_ERROR(write_clip(noise_clip(1, 4, 4), folder / "file"), HasSubstr("is a file"));
  EXPECT_EQ(folder.entries(), 2u);
}

TEST(ClipFile, UnknownAndAbsentClipsSayWhatIsExpected) {
  const TemporaryFolder folder;
  touch(folder / "clip.gif", "GIF89a");
  EXPECT_USAGE_ERROR(read_clip(folder / "clip.gif"), AllOf(HasSubstr("clip.gif"), HasSubstr(".safetensors")));
  EXPECT_USAGE_ERROR(read_clip(folder / "absent.mp4"), AllOf(HasSubstr("absent.mp4"), HasSubstr("no such")));
  EXPECT_USAGE_ERROR(write_clip(noise_clip(1, 2, 2), folder / "clip.gif"), HasSubstr(".safetensors"));
  EXPECT_THROW(write_clip({.frames = 1, .height = 2, .width = 2, .rgb = {1, 2, 3}}, folder / "clip.y4m"), CheckError);
  EXPECT_THROW(write_clip({}, folder / "clip.y4m"), CheckError);
}

// A full disk and a folder that is not there, for every format: an error that names the path, nothing left, the earlier file kept.
class ClipFileFailure : public ::testing::TestWithParam<const char*> {};

TEST_P(ClipFileFailure, LeavesNothingBehind) {
  if (std::string(GetParam()).ends_with(".mp4") && !can_write_mp4()) GTEST_SKIP() << "no H.264 in this build";
  const TemporaryFolder folder;
  const VideoClip clip = noise_clip(4, 64, 64);
  EXPECT_USAGE_ERROR(write_clip(clip, folder / "absent" / GetParam()), HasSubstr(GetParam()));
  {
    const FileSizeLimit full_disk(4000);
    EXPECT_USAGE_ERROR(write_clip(clip, folder / GetParam()), HasSubstr((folder / GetParam()).string()));
  }
  EXPECT_EQ(folder.entries(), 0u);
  write_clip(clip, folder / GetParam());
  const std::string before = read_clip(folder / GetParam()).content_hash();
  {
    const FileSizeLimit full_disk(4000);
    EXPECT_THROW(write_clip(noise_clip(4, 64, 64, 9), folder / GetParam()), UsageError);
  }
  EXPECT_EQ(folder.entries(), 1u);
  EXPECT_EQ(read_clip(folder / GetParam()).content_hash(), before);
}

INSTANTIATE_TEST_SUITE_P(Formats, ClipFileFailure, ::testing::Values("clip.safetensors", "clip.y4m", "clip.mp4", "frames"),
                         [](const auto& format) {
                           const std::string name = format.param;
                           return name.substr(name.find('.') + 1);
                         });

TEST(ClipFileMp4, IsPlayableH264AndComesBackNearly) {
  if (!can_write_mp4()) GTEST_SKIP() << "no H.264 in this build";
  const TemporaryFolder folder;
  const VideoClip clip = smooth_clip(17, 64, 96);
  write_clip(clip, folder / "clip.mp4");
  EXPECT_EQ(folder.entries(), 1u);
  const VideoClip read = read_clip(folder / "clip.mp4");
  ASSERT_EQ(read.frames, clip.frames);
  ASSERT_EQ(read.height, clip.height);
  ASSERT_EQ(read.width, clip.width);
  EXPECT_EQ(read.frames_per_second, 16.0);
  double squares = 0;
  for (std::size_t i = 0; i < clip.rgb.size(); ++i) squares += std::pow(double{1} * clip.rgb[i] - read.rgb[i], 2);
  // Smooth gradients lose only what 8-bit limited-range 4:2:0 rounds away and what the default quality drops: a wrong matrix, range or
  // channel order would be tens of levels, 4 levels of root mean square are far from both.
  EXPECT_LT(std::sqrt(squares / static_cast<double>(clip.rgb.size())), 4.0);

  if (std::system("command -v ffprobe > /dev/null 2>&1") != 0) GTEST_SKIP() << "no ffprobe to ask for the codec";
  const std::string ask = fmt::format(
      "ffprobe -v error -count_frames -select_streams v -show_entries stream=codec_name,pix_fmt,nb_read_frames,r_frame_rate -of csv=p=0 {} "
      "> {}",
      (folder / "clip.mp4").string(), (folder / "probe.txt").string());
  ASSERT_EQ(std::system(ask.c_str()), 0);
  const io::MappedFile answer = io::map_file(folder / "probe.txt");
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(answer.bytes.data()), answer.bytes.size()), "h264,yuv420p,16/1,17\n");
}

TEST(ClipFileMp4, OddSizesAreRefusedWithAWayOut) {
  if (!can_write_mp4()) GTEST_SKIP() << "no H.264 in this build";
  const TemporaryFolder folder;
  EXPECT_USAGE_ERROR(write_clip(noise_clip(2, 33, 64), folder / "clip.mp4"), AllOf(HasSubstr("64x33"), HasSubstr(".safetensors")));
  EXPECT_USAGE_ERROR(write_clip(noise_clip(2, 64, 33), folder / "clip.mp4"), HasSubstr("33x64"));
  EXPECT_EQ(folder.entries(), 0u);
}

TEST(ClipFileMp4, DamagedFilesAreRefused) {
  if (!can_write_mp4()) GTEST_SKIP() << "no H.264 in this build";
  const TemporaryFolder folder;
  write_clip(noise_clip(17, 64, 64), folder / "clip.mp4");
  const auto size = std::filesystem::file_size(folder / "clip.mp4");
  for (const auto kept : {std::uintmax_t{0}, std::uintmax_t{100}, size / 2, size - 100}) {
    std::filesystem::copy_file(folder / "clip.mp4", folder / "cut.mp4", std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(folder / "cut.mp4", kept);
    EXPECT_USAGE_ERROR(read_clip(folder / "cut.mp4"), HasSubstr("cut.mp4"));
  }
  // An index in front makes a cut file open as if it were whole.
  const std::string remux =
      fmt::format("ffmpeg -v error -i {} -c copy -movflags +faststart {}", (folder / "clip.mp4").string(), (folder / "fast.mp4").string());
  if (std::system("command -v ffmpeg > /dev/null 2>&1") == 0 && std::system(remux.c_str()) == 0) {
    EXPECT_EQ(read_clip(folder / "fast.mp4").frames, 17);
    std::filesystem::resize_file(folder / "fast.mp4", std::filesystem::file_size(folder / "fast.mp4") / 2);
    EXPECT_USAGE_ERROR(read_clip(folder / "fast.mp4"), HasSubstr("of 17 frames"));
  }
  touch(folder / "text.mp4", "this is no video");
  EXPECT_USAGE_ERROR(read_clip(folder / "text.mp4"), HasSubstr("text.mp4"));
}

TEST(ClipFileMp4, WithoutOpenCvTheBuildSaysSo) {
  if (can_write_mp4()) GTEST_SKIP() << "this build writes H.264";
  const TemporaryFolder folder;
  EXPECT_USAGE_ERROR(write_clip(noise_clip(2, 32, 32), folder / "clip.mp4"), AllOf(HasSubstr("clip.mp4"), HasSubstr(".y4m")));
}

}  // namespace
}  // namespace wan::media
