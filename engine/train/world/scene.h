// What a clip of the world shows, as far as a caption can say it. How it is placed exactly is the renderer's, by its seed.
#pragma once

#include <cstdint>
#include <optional>

namespace wan::world {

enum class Shape { circle, square, triangle, star, ring, cross };
enum class Colour { red, orange, yellow, green, cyan, blue, purple, white };
enum class Size { small, medium, large };
enum class Texture { plain, striped, dotted };
// `orbit`: around the middle of the picture, or of the second thing. `appear`: it is not there in the first frames.
enum class Motion { still, move, rotate, grow, shrink, bounce, orbit, appear };
enum class Direction { left, right, up, down };   // of `move` and of a panning camera
enum class Turn { clockwise, counterclockwise };  // of `rotate` and `orbit`
enum class Speed { slow, normal, fast };
enum class Relation { left_of, right_of, above, below };  // the first thing to the second
enum class Tone { black, grey, navy, brown, cream };
enum class Pattern { plain, gradient, checkered };

inline constexpr int kShapes = 6, kColours = 8, kMotions = 8;

struct Thing {
  Shape shape = Shape::circle;
  Colour colour = Colour::red;
  Size size = Size::medium;
  Texture texture = Texture::plain;
  bool operator==(const Thing&) const = default;
};

struct Background {
  Tone tone = Tone::grey;
  Pattern pattern = Pattern::plain;
  bool operator==(const Background&) const = default;
};

struct Scene {
  Thing first;
  int count = 1;                          // of `first`, alike and moving alike; 1 with a second thing
  std::optional<Thing> second = {};       // stands still, or is orbited
  Relation relation = Relation::left_of;  // with a second thing that is not orbited; then `motion` is `still`
  Motion motion = Motion::still;          // of the first
  Direction direction = Direction::left;
  Turn turn = Turn::clockwise;
  Speed speed = Speed::normal;  // of a motion
  Background background = {};
  std::optional<Direction> pan = {};  // of the camera, left or right, over a checkered background: what is seen moves the other way
  // Equal as captions see it: what a scene of this kind does not have is not compared.
  bool operator==(const Scene& other) const;
};

// Which captions may appear where. Held-out combinations of colour and shape, and of shape and motion, appear in `combinations` alone;
// every scene there has at least one. Of all other scenes one in eight is of `validation`: what a caption tells decides, so that a
// validation caption is never heard in training.
enum class Split { train, validation, combinations };

Split split_of(const Scene& scene);
bool is_held_out(Colour colour, Shape shape);
bool is_held_out(Shape shape, Motion motion);

// Whether everything in it can be told apart in a picture; no other scene is drawn.
bool is_clear(const Scene& scene);

// A clear scene of the split, by its seed.
Scene draw_scene(std::uint64_t seed, Split split);

bool turns_visibly(const Thing& thing);
bool has_direction(const Scene& scene);
bool has_turn(const Scene& scene);
bool has_speed(const Scene& scene);
bool has_relation(const Scene& scene);

}  // namespace wan::world
