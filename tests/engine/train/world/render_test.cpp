#include "engine/train/world/render.h"

#include <gtest/gtest.h>

#include <cmath>
#include <queue>

#include "engine/train/world/appearance.h"
#include "tests/support/usage_error.h"

namespace wan::world {
namespace {

// What stands out from a plain grey background.
struct Seen {
  double area = 0, x = 0, y = 0, r = 0, g = 0, b = 0;  // pixels, middle, mean colour
  int pieces = 0;                                      // of more than 4 pixels
  bool touches_border = false;
};

Seen look(const VideoClip& clip, std::int64_t index) {
  const auto frame = clip.frame(index);
  const std::int64_t height = clip.height, width = clip.width;
  std::vector<int> mask(static_cast<std::size_t>(height * width));
  Seen seen;
  for (std::int64_t i = 0; i < height * width; ++i) {
    const auto* p = frame.data() + 3 * i;
    mask[static_cast<std::size_t>(i)] = std::abs(p[0] - 120) > 40 || std::abs(p[1] - 120) > 40 || std::abs(p[2] - 124) > 40;
    if (!mask[static_cast<std::size_t>(i)]) continue;
    const std::int64_t x = i % width, y = i / width;
    seen.area += 1;
    seen.x += static_cast<double>(x);
    seen.y += static_cast<double>(y);
    seen.r += p[0], seen.g += p[1], seen.b += p[2];
    seen.touches_border |= x == 0 || y == 0 || x == width - 1 || y == height - 1;
  }
  if (seen.area > 0)
    for (double* mean : {&seen.x, &seen.y, &seen.r, &seen.g, &seen.b}) *mean /= seen.area;
  for (std::int64_t start = 0; start < height * width; ++start) {
    if (!mask[static_cast<std::size_t>(start)]) continue;
    int size = 0;
    std::queue<std::int64_t> next({start});
    mask[static_cast<std::size_t>(start)] = 0;
    while (!next.empty()) {
      const std::int64_t at = next.front(), x = at % width, y = at / width;
      next.pop();
      ++size;
      for (const auto& [nx, ny] : {std::pair{x - 1, y}, {x + 1, y}, {x, y - 1}, {x, y + 1}})
        if (nx >= 0 && ny >= 0 && nx < width && ny < height && mask[static_cast<std::size_t>(ny * width + nx)]) {
          mask[static_cast<std::size_t>(ny * width + nx)] = 0;
          next.push(ny * width + nx);
        }
    }
    seen.pieces += size > 4;
  }
  return seen;
}

Scene plain(Scene scene) {
  scene.first.texture = Texture::plain;
  if (scene.second) scene.second->texture = Texture::plain;
  scene.background = {.tone = Tone::grey, .pattern = Pattern::plain};
  scene.pan.reset();
  return scene;
}

TEST(Render, TheSameArgumentsGiveTheSameBytes) {
  const Scene scene = draw_scene(3, Split::train);
  EXPECT_EQ(render(scene, 5).content_hash(), render(scene, 5).content_hash());
  EXPECT_NE(render(scene, 5).content_hash(), render(scene, 6).content_hash());
}

TEST(Render, ShowsAsManyThingsAsTheSceneHasWithinThePicture) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const Scene scene = plain(draw_scene(seed, seed % 2 ? Split::train : Split::combinations));
    const VideoClip clip = render(scene, seed);
    for (const std::int64_t frame : {0, 4, 8}) {
      const Seen seen = look(clip, frame);
      EXPECT_FALSE(seen.touches_border) << seed << " frame " << frame;
      const bool there = scene.motion != Motion::appear || frame == 8;
      const int things = there ? scene.count + (scene.second ? 1 : 0) : seen.pieces;
      EXPECT_EQ(seen.pieces, things) << seed << " frame " << frame;
    }
    if (scene.motion == Motion::appear) {
      EXPECT_EQ(look(clip, 0).area, 0) << seed;
    }
  }
}

TEST(Render, MovesAsTheSceneSays) {
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const Scene scene = plain(draw_scene(seed, Split::train));
    const VideoClip clip = render(scene, seed);
    const Seen first = look(clip, 0), middle = look(clip, 4), last = look(clip, 8);
    const double dx = last.x - first.x, dy = last.y - first.y, way = 128 * kDistances[static_cast<std::size_t>(scene.speed)];
    SCOPED_TRACE(seed);
    switch (scene.motion) {
      case Motion::still:
        EXPECT_NEAR(std::hypot(dx, dy), 0, 0.5) << "grain moves a few pixels of a shaded edge over the limit of the mask";
        EXPECT_NEAR(last.area / first.area, 1, 0.02);
        break;
      case Motion::move:
        EXPECT_NEAR(dx, scene.direction == Direction::left ? -way : scene.direction == Direction::right ? way : 0, 1.0);
        EXPECT_NEAR(dy, scene.direction == Direction::up ? -way : scene.direction == Direction::down ? way : 0, 1.0);
        break;
      case Motion::grow:
        EXPECT_GT(last.area / first.area, 1.4);
        break;
      case Motion::shrink:
        EXPECT_LT(last.area / first.area, 0.72);
        break;
      case Motion::rotate: {
        EXPECT_NEAR(std::hypot(dx, dy), 0, 1.0);
        double changed = 0;
        for (std::size_t i = 0; i < clip.frame(0).size(); ++i) changed += std::abs(clip.frame(0)[i] - clip.frame(8)[i]) > 40;
        if (turns_visibly(scene.first)) {
          EXPECT_GT(changed, 20);
        }
        break;
      }
      case Motion::bounce:
        EXPECT_NEAR(dx, 0, 0.2);
        if (scene.speed != Speed::normal) {
          EXPECT_GT(first.y - middle.y, 20) << "at the top of the first or the second of one or three hops";
        }
        break;
      case Motion::orbit:
        EXPECT_GT(std::hypot(middle.x - first.x, middle.y - first.y), 2) << "of both things together";
        break;
      case Motion::appear:
        EXPECT_GT(last.area, 30);
        break;
    }
  }
}

TEST(Render, HasTheColoursAndTheRelationsOfTheScene) {
  const Thing star{.shape = Shape::star, .colour = Colour::blue}, circle{.shape = Shape::circle, .colour = Colour::red};
  for (int relation = 0; relation < 4; ++relation) {
    const Scene scene = plain({.first = star, .second = circle, .relation = static_cast<Relation>(relation)});
    const VideoClip clip = render(scene, static_cast<std::uint64_t>(relation));
    double at[2][2] = {}, area[2] = {};  // of blue and red
    for (std::int64_t i = 0; i < 128 * 128; ++i) {
      const auto* p = clip.frame(4).data() + 3 * i;
      const int which = p[2] > p[0] + 60 ? 0 : p[0] > p[2] + 60 ? 1 : 2;
      if (which == 2) continue;
      at[which][0] += static_cast<double>(i % 128), at[which][1] += static_cast<double>(i / 128), area[which] += 1;
    }
    ASSERT_GT(area[0], 100);
    ASSERT_GT(area[1], 100);
    const double right = at[0][0] / area[0] - at[1][0] / area[1], down = at[0][1] / area[0] - at[1][1] / area[1];
    const double along[] = {-right, right, -down, down};
    EXPECT_GT(along[relation], 45) << relation;
  }
}

TEST(Render, ACameraThatPansLeftShowsThingsMovingRight) {
  Scene scene{
      .first = {.colour = Colour::white}, .background = {.tone = Tone::grey, .pattern = Pattern::checkered}, .pan = Direction::left};
  const VideoClip clip = render(scene, 1);
  EXPECT_GT(look(clip, 8).x - look(clip, 0).x, 15);
}

TEST(Render, TakesAnySizeAndRefusesNone) {
  const VideoClip clip = render(draw_scene(1, Split::train), 1, {.frames = 1, .height = 48, .width = 80});
  EXPECT_EQ(clip.rgb.size(), 1U * 48 * 80 * 3);
  EXPECT_THROW(render({}, 1, {.frames = 0}), UsageError);
  EXPECT_THROW(render({}, 1, {.height = 16}), UsageError);
}

}  // namespace
}  // namespace wan::world
