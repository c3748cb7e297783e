#include "engine/vae/clip.h"

#include <limits>

#include "engine/base/error.h"
#include "tests/engine/vae/fixtures.h"

namespace wan::vae {
namespace {

TEST(ToClip, TruncatesAndOrdersAsFramesOfRgb) {
  at::Tensor video = at::zeros({3, 2, 1, 2}, at::TensorOptions(at::kFloat));
  video.select(0, 0).fill_(-1);                  // red 0
  video.select(0, 1).fill_(0);                   // green 127.5, truncated
  video.select(0, 2).fill_(1);                   // blue 255
  video.select(1, 1).select(2, 1).fill_(0.999);  // second frame, second pixel: 254.87
  const VideoClip clip = to_clip(video, 24);
  EXPECT_EQ(clip.frames, 2);
  EXPECT_EQ(clip.height, 1);
  EXPECT_EQ(clip.width, 2);
  EXPECT_EQ(clip.frames_per_second, 24);
  EXPECT_EQ(clip.nonfinite_values, 0);
  EXPECT_EQ(clip.rgb, (std::vector<std::uint8_t>{0, 127, 255, 0, 127, 255, 0, 127, 255, 254, 254, 254}));
}

TEST(ToClip, ClampsWhatLiesOutside) {
  at::Tensor video = at::zeros({3, 1, 1, 1}, at::TensorOptions(at::kFloat));
  video.select(0, 0).fill_(-1.5);
  video.select(0, 2).fill_(100);
  EXPECT_EQ(to_clip(video, 16).rgb, (std::vector<std::uint8_t>{0, 127, 255}));
}

TEST(ToClip, CountsNonFiniteValuesBeforeClamping) {
  at::Tensor video = at::zeros({3, 1, 2, 2}, at::TensorOptions(at::kFloat));
  float* values = video.mutable_data_ptr<float>();
  values[0] = std::numeric_limits<float>::quiet_NaN();
  values[4] = std::numeric_limits<float>::infinity();
  values[8] = -std::numeric_limits<float>::infinity();
  const VideoClip clip = to_clip(video, 16);
  EXPECT_EQ(clip.nonfinite_values, 3);
  EXPECT_EQ(std::vector<std::uint8_t>(clip.rgb.begin(), clip.rgb.begin() + 3), (std::vector<std::uint8_t>{0, 255, 0}));
  EXPECT_EQ(clip.rgb[3], 127);
}

TEST(ClipAssembler, PiecesMakeTheSameClipAsTheWhole) {
  const at::Tensor video = waves({3, 5, 6, 10});
  ClipAssembler assembler(5, 6, 10, 16);
  for (const auto& [frame, frames] : {std::pair{0, 2}, {2, 3}})
    for (const auto& [row, rows] : {std::pair{0, 4}, {4, 2}})
      for (const auto& [column, columns] : {std::pair{0, 3}, {3, 7}})
        assembler.add({.pixels = video.narrow(1, frame, frames).narrow(2, row, rows).narrow(3, column, columns).unsqueeze(0),
                       .frame = frame,
                       .row = row,
                       .column = column});
  EXPECT_EQ(assembler.take().content_hash(), to_clip(video, 16).content_hash());
  EXPECT_THROW(assembler.add({.pixels = video.unsqueeze(0), .frame = 1, .row = 0, .column = 0}), CheckError);
}

TEST(ToClip, RejectsABatch) { EXPECT_THROW(to_clip(at::zeros({1, 3, 1, 2, 2}, at::TensorOptions(at::kFloat)), 16), CheckError); }

}  // namespace
}  // namespace wan::vae
