#include "engine/train/world_clips.h"

#include <gtest/gtest.h>

#include <cstring>

#include "engine/runtime/tensor.h"
#include "engine/train/world/caption.h"

namespace wan::train {
namespace {

constexpr world::Canvas kSmall{.frames = 5, .height = 32, .width = 40};

TEST(WorldClips, GivesTheSameClipsInOrderHoweverManyThreadsDraw) {
  WorldClips one(world::Split::train, kSmall, 3, 6, 1), many(world::Split::train, kSmall, 3, 6, 5);
  std::uint64_t index = 6;
  for (int batch = 0; batch < 8; ++batch) {
    const ClipBatch a = one.next(), b = many.next();
    EXPECT_TRUE(a.rgb.equal(b.rgb));
    EXPECT_EQ(a.captions, b.captions);
    for (std::int64_t i = 0; i < 3; ++i, ++index) {
      const auto scene = world::draw_scene(index, world::Split::train);
      const VideoClip clip = world::render(scene, index, kSmall);
      EXPECT_EQ(std::memcmp(a.rgb[i].const_data_ptr(), clip.rgb.data(), clip.rgb.size()), 0) << index;
      EXPECT_EQ(a.captions[static_cast<std::size_t>(i)], world::describe(scene, index));
    }
  }
}

TEST(WorldClips, EndsWhileClipsAreDrawn) {
  for (int i = 0; i < 20; ++i) WorldClips(world::Split::train, kSmall, 2, 0, 3).next();
}

TEST(WorldClips, VideosLieBetweenMinusOneAndOne) {
  at::Tensor rgb = WorldClips(world::Split::train, kSmall, 1, 0, 1).next().rgb.clone();
  rgb.select(4, 0).fill_(255);
  rgb.select(4, 1).fill_(0);
  const at::Tensor video = as_video(rgb, at::kCPU, at::kFloat);
  EXPECT_EQ(video.sizes().vec(), (std::vector<std::int64_t>{1, 3, 5, 32, 40}));
  EXPECT_EQ(video.select(1, 0).min().item<float>(), 1.0F);
  EXPECT_EQ(video.select(1, 1).max().item<float>(), -1.0F);
}

}  // namespace
}  // namespace wan::train
