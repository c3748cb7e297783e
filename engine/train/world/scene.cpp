#include "engine/train/world/scene.h"

#include <array>
#include <utility>

#include "engine/train/world/appearance.h"
#include "engine/train/world/random.h"

namespace wan::world {
namespace {

template <typename Value, std::size_t N>
Value pick(Random& random, const std::array<Value, N>& values) {
  return values[static_cast<std::size_t>(random.below(static_cast<int>(N)))];
}

Thing draw_thing(Random& random) {
  return {.shape = static_cast<Shape>(random.below(kShapes)),
          .colour = static_cast<Colour>(random.below(kColours)),
          .size = pick(random, std::array{Size::small, Size::medium, Size::medium, Size::large}),
          .texture = pick(random, std::array{Texture::plain, Texture::plain, Texture::striped, Texture::dotted})};
}

// Without regard to what is held out.
Scene draw_any(Random& random) {
  Scene scene{.first = draw_thing(random)};
  scene.background = {.tone = static_cast<Tone>(random.below(5)), .pattern = static_cast<Pattern>(random.below(3))};
  scene.direction = static_cast<Direction>(random.below(4));
  scene.turn = static_cast<Turn>(random.below(2));
  scene.speed = static_cast<Speed>(random.below(3));
  scene.relation = static_cast<Relation>(random.below(4));
  const float kind = random.uniform();
  if (kind < 0.4F) {  // many of these are not clear
    scene.second = draw_thing(random);
    scene.motion = random.chance(0.3F) ? Motion::orbit : Motion::still;
  } else {
    scene.motion = static_cast<Motion>(random.below(kMotions));
    if (kind > 0.83F && scene.motion != Motion::orbit) scene.count = 2 + random.below(2);
  }
  if (scene.background.pattern == Pattern::checkered && scene.motion != Motion::move && scene.count == 1 && random.chance(0.4F))
    scene.pan = random.chance(0.5F) ? Direction::left : Direction::right;
  return scene;
}

// Both inks of a texture must be seen: stripes of half-white on grey would leave a row of bars, whose shape no one can tell.
bool stands_out(const Thing& thing, Tone tone) {
  if (thing.colour == Colour::white && tone == Tone::cream) return false;
  if (thing.texture == Texture::plain) return true;
  const Rgb ink = kColourValues[static_cast<std::size_t>(thing.colour)], ground = kToneValues[static_cast<std::size_t>(tone)];
  const float r = kDarkInk * ink.r - ground.r, g = kDarkInk * ink.g - ground.g, b = kDarkInk * ink.b - ground.b;
  constexpr float kNearest = 60;  // levels; a gradient changes the ground by 30
  return r * r + g * g + b * b >= kNearest * kNearest;
}

bool has_held_out(const Scene& scene) {
  return is_held_out(scene.first.colour, scene.first.shape) || (scene.second && is_held_out(scene.second->colour, scene.second->shape)) ||
         is_held_out(scene.first.shape, scene.motion);
}

// One scene in eight, by what captions tell of it; "a above b" tells what "b below a" does.
bool is_reserved(Scene scene) {
  if (has_relation(scene) && (scene.relation == Relation::right_of || scene.relation == Relation::below)) {
    std::swap(scene.first, *scene.second);
    scene.relation = scene.relation == Relation::right_of ? Relation::left_of : Relation::above;
  }
  std::uint64_t sum = 0;
  const auto add = [&sum](auto value) { sum = Random(sum + static_cast<std::uint64_t>(value)).next(); };
  const auto add_thing = [&add](const Thing& thing) {
    add(thing.shape);
    add(thing.colour);
    add(thing.size);
    add(thing.texture);
  };
  add_thing(scene.first);
  if (scene.second) add_thing(*scene.second);
  add(scene.count);
  add(scene.motion);
  if (has_direction(scene)) add(scene.direction);
  if (has_turn(scene)) add(scene.turn);
  if (has_speed(scene)) add(scene.speed);
  if (has_relation(scene)) add(scene.relation);
  add(scene.background.tone);
  add(scene.background.pattern);
  if (scene.pan) add(*scene.pan);
  return sum % 8 == 0;
}

}  // namespace

bool is_clear(const Scene& scene) {
  const Thing& a = scene.first;
  if (!stands_out(a, scene.background.tone) || (scene.second && !stands_out(*scene.second, scene.background.tone))) return false;
  // Things in company are smaller: the stripes of a small one would be two pixels wide.
  const auto is_fine = [](const Thing& thing) { return thing.size == Size::small && thing.texture != Texture::plain; };
  if ((scene.count > 1 || scene.second) && (is_fine(a) || (scene.second && is_fine(*scene.second)))) return false;
  if (scene.motion == Motion::rotate && !turns_visibly(a)) return false;
  if (scene.count > 1 && a.size == Size::large) return false;
  if (scene.motion == Motion::grow && a.size == Size::large) return false;
  if ((scene.motion == Motion::grow || scene.motion == Motion::shrink) && scene.count == 3) return false;
  if (scene.motion == Motion::orbit && scene.second && a.size == Size::small) return false;
  if (scene.motion == Motion::shrink && a.size == Size::small) return false;
  if (scene.second) {
    if (a.shape == scene.second->shape && a.colour == scene.second->colour) return false;
    if (a.size == Size::large || scene.second->size == Size::large) return false;
  }
  return true;
}

bool turns_visibly(const Thing& thing) {
  return (thing.shape != Shape::circle && thing.shape != Shape::ring) || thing.texture == Texture::striped;
}

bool has_direction(const Scene& scene) { return scene.motion == Motion::move; }
bool has_turn(const Scene& scene) { return scene.motion == Motion::rotate || scene.motion == Motion::orbit; }
bool has_speed(const Scene& scene) { return scene.motion != Motion::still && scene.motion != Motion::appear; }
bool has_relation(const Scene& scene) { return scene.second && scene.motion == Motion::still; }

bool Scene::operator==(const Scene& other) const {
  return first == other.first && count == other.count && second == other.second && motion == other.motion &&
         background == other.background && pan == other.pan && (!has_relation(*this) || relation == other.relation) &&
         (!has_direction(*this) || direction == other.direction) && (!has_turn(*this) || turn == other.turn) &&
         (!has_speed(*this) || speed == other.speed);
}

// One shape of each colour but some, one colour or two of each shape: every colour and every shape is still seen in training.
bool is_held_out(Colour colour, Shape shape) { return (3 * static_cast<int>(colour) + static_cast<int>(shape)) % 8 == 5; }

bool is_held_out(Shape shape, Motion motion) {
  return motion != Motion::still && (static_cast<int>(shape) + 2 * static_cast<int>(motion)) % 7 == 4;
}

Split split_of(const Scene& scene) {
  if (has_held_out(scene)) return Split::combinations;
  return is_reserved(scene) ? Split::validation : Split::train;
}

Scene draw_scene(std::uint64_t seed, Split split) {
  Random random((seed + 1) * 0xD1342543DE82EF95U + static_cast<std::uint64_t>(split));
  while (true) {
    const Scene scene = draw_any(random);
    if (is_clear(scene) && split_of(scene) == split) return scene;
  }
}

}  // namespace wan::world
