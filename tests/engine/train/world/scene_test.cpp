#include "engine/train/world/scene.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "engine/train/world/appearance.h"

namespace wan::world {
namespace {

TEST(Scene, ASeedIsOneSceneOfItsSplit) {
  for (const Split split : {Split::train, Split::validation, Split::combinations})
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
      const Scene scene = draw_scene(seed, split);
      EXPECT_TRUE(scene == draw_scene(seed, split));
      EXPECT_EQ(split_of(scene), split);
      EXPECT_TRUE(is_clear(scene));
    }
}

TEST(Scene, HeldOutCombinationsAreSeenOnlyThere) {
  const auto held_out = [](const Scene& scene) {
    return is_held_out(scene.first.colour, scene.first.shape) || is_held_out(scene.first.shape, scene.motion) ||
           (scene.second && is_held_out(scene.second->colour, scene.second->shape));
  };
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    EXPECT_FALSE(held_out(draw_scene(seed, Split::train)));
    EXPECT_FALSE(held_out(draw_scene(seed, Split::validation)));
    EXPECT_TRUE(held_out(draw_scene(seed, Split::combinations)));
  }
}

TEST(Scene, WhatSoundsAlikeIsOfOneSplit) {
  int reserved = 0, scenes = 0;
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    Scene scene = draw_scene(seed, seed % 2 ? Split::train : Split::validation);
    const Split split = split_of(scene);
    if (!has_speed(scene)) scene.speed = Speed::fast;  // no caption says so
    if (!has_turn(scene)) scene.turn = Turn::counterclockwise;
    if (!has_direction(scene)) scene.direction = Direction::down;
    EXPECT_EQ(split_of(scene), split);
    if (has_relation(scene)) {  // "a above b" and "b below a"
      std::swap(scene.first, *scene.second);
      scene.relation =
          std::array{Relation::right_of, Relation::left_of, Relation::below, Relation::above}[static_cast<std::size_t>(scene.relation)];
      EXPECT_EQ(split_of(scene), split);
    }
    scene.background.tone = Tone::grey;  // another scene, of any split
    if (split_of(scene) != Split::combinations) {
      ++scenes;
      reserved += split_of(scene) == Split::validation;
    }
  }
  EXPECT_GT(reserved, scenes / 8);  // some were grey before
  EXPECT_LT(reserved, scenes / 3);
}

TEST(Scene, TrainingSeesEveryWordOfEachKind) {
  std::map<Shape, std::set<Colour>> colours;
  std::map<Shape, std::set<Motion>> motions;
  std::set<Colour> all_colours;
  for (std::uint64_t seed = 0; seed < 20000; ++seed) {
    const Scene scene = draw_scene(seed, Split::train);
    colours[scene.first.shape].insert(scene.first.colour);
    all_colours.insert(scene.first.colour);
    motions[scene.first.shape].insert(scene.motion);
  }
  EXPECT_EQ(colours.size(), static_cast<std::size_t>(kShapes));
  EXPECT_EQ(all_colours.size(), static_cast<std::size_t>(kColours));
  for (const auto& [shape, seen] : colours) EXPECT_GE(seen.size(), static_cast<std::size_t>(kColours) - 1) << static_cast<int>(shape);
  for (const auto& [shape, seen] : motions) EXPECT_GE(seen.size(), static_cast<std::size_t>(kMotions) - 2) << static_cast<int>(shape);
  std::set<Motion> all;
  for (const auto& [shape, seen] : motions) all.insert(seen.begin(), seen.end());
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kMotions));
}

TEST(Scene, ShowsOnlyWhatCanBeSeen) {
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    const Scene scene = draw_scene(seed, Split::train);
    if (scene.motion == Motion::rotate) {
      EXPECT_TRUE(turns_visibly(scene.first));
    }
    if (scene.pan) {
      EXPECT_EQ(scene.background.pattern, Pattern::checkered);
    }
    EXPECT_FALSE(scene.first.colour == Colour::white && scene.background.tone == Tone::cream);
    EXPECT_TRUE(scene.count == 1 || !scene.second);
  }
}

TEST(Scene, BothInksOfATextureStandOutFromTheGround) {
  int textured = 0;
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    const Scene scene = draw_scene(seed, Split::train);
    const auto check = [&](const Thing& thing) {
      if (thing.texture == Texture::plain) return;
      ++textured;
      const Rgb ink = kColourValues[static_cast<std::size_t>(thing.colour)],
                ground = kToneValues[static_cast<std::size_t>(scene.background.tone)];
      EXPECT_GE(std::hypot(ink.r * kDarkInk - ground.r, ink.g * kDarkInk - ground.g, ink.b * kDarkInk - ground.b), 60) << seed;
      EXPECT_TRUE(thing.size != Size::small || (scene.count == 1 && !scene.second)) << seed;
    };
    check(scene.first);
    if (scene.second) check(*scene.second);
  }
  EXPECT_GT(textured, 1500) << "textures are not rare";
}

}  // namespace
}  // namespace wan::world
