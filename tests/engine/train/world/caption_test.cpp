#include "engine/train/world/caption.h"

#include <gtest/gtest.h>

#include <set>

namespace wan::world {
namespace {

TEST(Caption, EverySceneIsReadBackInEveryWording) {
  for (const Split split : {Split::train, Split::validation, Split::combinations})
    for (std::uint64_t seed = 0; seed < 3000; ++seed) {
      const Scene scene = draw_scene(seed, split);
      for (std::uint64_t wording = 0; wording < 3; ++wording) {
        const std::string text = describe(scene, seed * 7 + wording);
        const auto read = read_caption(text);
        ASSERT_TRUE(read) << text;
        ASSERT_TRUE(read->scene == scene) << text;
        ASSERT_TRUE(read->names_background) << text;
      }
    }
}

TEST(Caption, HasManyWordings) {
  const Scene scene{.first = {.shape = Shape::circle, .colour = Colour::orange, .size = Size::small},
                    .motion = Motion::move,
                    .speed = Speed::slow,
                    .background = {.tone = Tone::grey}};
  std::set<std::string> wordings;
  for (std::uint64_t seed = 0; seed < 20000; ++seed) wordings.insert(describe(scene, seed));
  EXPECT_GT(wordings.size(), 100U);
  EXPECT_TRUE(wordings.contains("A small orange circle moves left slowly on a grey background."));
  EXPECT_TRUE(wordings.contains("In front of a grey background, a little orange disc slowly drifts to the left."));
}

TEST(Caption, SaysWhatPeopleWouldSay) {
  const auto claims = read_caption("an orange Square ROTATES anticlockwise fast");
  ASSERT_TRUE(claims);
  EXPECT_FALSE(claims->names_background);
  EXPECT_EQ(claims->scene.first.colour, Colour::orange);
  EXPECT_EQ(claims->scene.first.shape, Shape::square);
  EXPECT_EQ(claims->scene.motion, Motion::rotate);
  EXPECT_EQ(claims->scene.turn, Turn::counterclockwise);
  EXPECT_EQ(claims->scene.speed, Speed::fast);
  const auto pair = read_caption("A white ring is to the right of a green plus sign");
  ASSERT_TRUE(pair && pair->scene.second);
  EXPECT_EQ(pair->scene.relation, Relation::right_of);
  EXPECT_EQ(pair->scene.second->shape, Shape::cross);
  EXPECT_EQ(describe({.first = {.shape = Shape::star, .colour = Colour::red}, .count = 3, .motion = Motion::appear}, 1).substr(0, 5),
            "Three");
}

TEST(Caption, RefusesWhatIsNotOfThisWorld) {
  for (const char* text :
       {"", ".", "a cat on a sofa", "a circle", "red", "a red circle a blue square", "a red circle above a blue square above a green star",
        "a red circle moves left, très vite", "a red circle-moves"})
    EXPECT_FALSE(read_caption(text)) << text;
}

}  // namespace
}  // namespace wan::world
