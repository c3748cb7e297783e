#include "engine/train/world/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "engine/base/error.h"
#include "engine/train/world/appearance.h"
#include "engine/train/world/random.h"

namespace wan::world {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;

struct Point {
  float x, y;
};

// The distances of a shape on a grid, once a process: interpolating is many times cheaper than a polygon, and as smooth.
class DistanceTable {
 public:
  static constexpr float kReach = 1.25F;

  static const DistanceTable& of(Shape shape) {
    static const auto tables = [] {
      std::vector<DistanceTable> all;
      for (int i = 0; i < kShapes; ++i) all.emplace_back(static_cast<Shape>(i));
      return all;
    }();
    return tables[static_cast<std::size_t>(shape)];
  }

  explicit DistanceTable(Shape shape) : values_(kSide * kSide) {
    for (int row = 0; row < kSide; ++row)
      for (int column = 0; column < kSide; ++column)
        values_[static_cast<std::size_t>(row * kSide + column)] =
            shape_distance(shape, static_cast<float>(column) / kScale - kReach, static_cast<float>(row) / kScale - kReach);
  }

  float at(Point p) const {
    const float x = (p.x + kReach) * kScale, y = (p.y + kReach) * kScale;
    if (!(x >= 0 && y >= 0 && x < kSide - 1 && y < kSide - 1)) return kReach;
    const int column = static_cast<int>(x), row = static_cast<int>(y);
    const float fx = x - static_cast<float>(column), fy = y - static_cast<float>(row);
    const float* v = values_.data() + row * kSide + column;
    return (v[0] * (1 - fx) + v[1] * fx) * (1 - fy) + (v[kSide] * (1 - fx) + v[kSide + 1] * fx) * fy;
  }

 private:
  static constexpr int kSide = 161;
  static constexpr float kScale = (kSide - 1) / (2 * kReach);
  std::vector<float> values_;
};

// A thing at one moment, in pixels.
struct Placed {
  Thing thing;
  Point centre;
  float radius, angle, opacity;
};

// Everything that the seed chooses. Lengths are in units of the picture's shorter side, from its middle, y downwards.
class Choreography {
 public:
  Choreography(const Scene& scene, std::uint64_t seed, const Canvas& canvas) : scene_(scene), random_(seed ^ 0xE7037ED1A0B428DBU) {
    const auto height = static_cast<float>(canvas.height), width = static_cast<float>(canvas.width);
    unit_ = std::min(height, width);
    half_ = {width / unit_ / 2, height / unit_ / 2};
    fast_ = static_cast<std::size_t>(scene.speed);
    radius_ = radius_of_first(scene);
    orbit_ = scene.second ? 0.31F : 0.23F;
    growth_ = growth_of(scene);
    start_angle_ = random_.uniform(-0.35F, 0.35F) - kPi / 2;  // an orbit begins at the top
    moment_ = random_.uniform(0.3F, 0.5F);
    place();
  }

  // `t` from 0 to 1.
  std::vector<Placed> at(float t) const {
    std::vector<Placed> things;
    const float sign = scene_.turn == Turn::clockwise ? 1.0F : -1.0F;
    if (scene_.second) {
      things.push_back(placed(*scene_.second, other_, radius_of_second(scene_), tilt_, 1, t));
    }
    for (const Point& place : places_) {
      Point p = place;
      float r = radius_, angle = tilt_, opacity = 1;
      switch (scene_.motion) {
        case Motion::still:
          break;
        case Motion::move: {
          const Point way = towards(scene_.direction);
          const float distance = kDistances[fast_] * (t - 0.5F);
          p = {p.x + way.x * distance, p.y + way.y * distance};
          break;
        }
        case Motion::rotate:
          angle += sign * kTurns[fast_] * t;
          break;
        case Motion::grow:
          r *= std::pow(growth_, t - 0.5F);
          break;
        case Motion::shrink:
          r *= std::pow(growth_, 0.5F - t);
          break;
        case Motion::bounce:
          p.y += kHopHeight * (0.5F - std::abs(std::sin(kPi * static_cast<float>(kHops[fast_]) * t)));
          break;
        case Motion::orbit: {
          const float turn = start_angle_ + sign * kOrbits[fast_] * t;
          p = {other_.x + orbit_ * std::cos(turn), other_.y + orbit_ * std::sin(turn)};
          break;
        }
        case Motion::appear:
          opacity = std::clamp((t - moment_) / 0.12F, 0.0F, 1.0F);
          break;
      }
      things.push_back(placed(scene_.first, p, r, angle, opacity, t));
    }
    return things;
  }

  // How far what is seen has moved to the right, in pixels.
  float shift(float t) const {
    if (!scene_.pan) return 0;
    return (*scene_.pan == Direction::left ? 1.0F : -1.0F) * kPan * (t - 0.5F) * unit_;
  }
  float unit() const { return unit_; }

 private:
  static constexpr float kMargin = 0.01F;
  static constexpr float kReach = 1.14F;  // of the farthest corner of a shape, in its radius

  static Point towards(Direction direction) {
    return std::array<Point, 4>{{{-1, 0}, {1, 0}, {0, -1}, {0, 1}}}[static_cast<std::size_t>(direction)];
  }

  Placed placed(const Thing& thing, Point p, float r, float angle, float opacity, float t) const {
    return {.thing = thing,
            .centre = {(p.x + half_.x) * unit_ + shift(t), (p.y + half_.y) * unit_},
            .radius = r * unit_,
            .angle = angle,
            .opacity = opacity};
  }

  // A place at which a thing that needs `room` on either side stays within the picture.
  Point somewhere(Point room) {
    const float x = std::max(0.0F, half_.x - kMargin - room.x), y = std::max(0.0F, half_.y - kMargin - room.y);
    return {random_.uniform(-x, x), random_.uniform(-y, y)};
  }

  void place() {
    tilt_ = random_.uniform(-0.15F, 0.15F);
    const float pan = scene_.pan ? kPan / 2 : 0.0F;
    float reach = radius_ * kReach;
    if (scene_.motion == Motion::grow || scene_.motion == Motion::shrink) reach *= std::sqrt(growth_);
    if (has_relation(scene_)) {
      const float apart = random_.uniform(0.2F, 0.24F), askew = random_.uniform(-0.05F, 0.05F);
      const Point first = std::array<Point, 4>{
          {{-apart, askew}, {apart, askew}, {askew, -apart}, {askew, apart}}}[static_cast<std::size_t>(scene_.relation)];
      places_ = {first};
      other_ = {-first.x, -first.y};
      return;
    }
    if (scene_.motion == Motion::orbit) {
      other_ = somewhere({orbit_ + reach + pan, orbit_ + reach});
      places_ = {other_};
      return;
    }
    Point room = {reach + pan, reach};
    const Point way = towards(scene_.direction);
    if (scene_.motion == Motion::move) {
      room.x += std::abs(way.x) * kDistances[fast_] / 2;
      room.y += std::abs(way.y) * kDistances[fast_] / 2;
    }
    if (scene_.motion == Motion::bounce) room.y += kHopHeight / 2;
    if (scene_.count == 1) {
      places_ = {somewhere(room)};
      return;
    }
    // In a row, across the way they move.
    const bool upright = scene_.motion == Motion::move && way.x != 0;
    const float gap = scene_.count == 2 ? 0.44F : 0.335F, extent = gap * static_cast<float>(scene_.count - 1) / 2;
    (upright ? room.y : room.x) += extent;
    const Point middle = somewhere(room);
    for (int i = 0; i < scene_.count; ++i) {
      const float along = gap * static_cast<float>(i) - extent;
      places_.push_back(upright ? Point{middle.x, middle.y + along} : Point{middle.x + along, middle.y});
    }
  }

  const Scene& scene_;
  Random random_;
  float unit_ = 1, radius_ = 0, growth_ = 1, start_angle_ = 0, moment_ = 0, tilt_ = 0, orbit_ = 0;
  Point half_ = {}, other_ = {};
  std::size_t fast_ = 0;
  std::vector<Point> places_;
};

class Painter {
 public:
  Painter(const Scene& scene, std::uint64_t seed, const Canvas& canvas)
      : scene_(scene),
        random_(seed ^ 0x8EBC6AF09C88C6E3U),
        height_(canvas.height),
        width_(canvas.width),
        slope_(random_.chance(0.5F) ? 1.0F : -1.0F),
        phase_(random_.uniform(0, 2)),
        picture_(static_cast<std::size_t>(canvas.height * canvas.width * 3)),
        noise_(kNoise) {
    // Nearly Gaussian, of deviation 0.6: a sum of four uniform values of deviation 0.29 each.
    for (float& value : noise_) value = 1.04F * (random_.uniform() + random_.uniform() + random_.uniform() + random_.uniform() - 2);
  }

  void background(float shift, float unit) {
    const Rgb tone = kToneValues[static_cast<std::size_t>(scene_.background.tone)];
    const bool checkered = scene_.background.pattern == Pattern::checkered, shaded = scene_.background.pattern == Pattern::gradient;
    // A square wave with edges about two pixels wide, which pans without flicker.
    const float cell = unit * kChecker;
    const auto wave = [&](float x) { return std::clamp(cell / 3 * std::sin(kPi * (x / cell + phase_)), -1.0F, 1.0F); };
    std::vector<float> columns(static_cast<std::size_t>(width_));
    for (std::int64_t x = 0; x < width_; ++x)
      columns[static_cast<std::size_t>(x)] = checkered ? 15 * wave(static_cast<float>(x) - shift) : 0.0F;
    float* out = picture_.data();
    for (std::int64_t y = 0; y < height_; ++y) {
      const float down = static_cast<float>(y) / static_cast<float>(height_) - 0.5F;
      const float row = checkered ? wave(static_cast<float>(y)) : 0.0F, light = shaded ? 60 * slope_ * down : 0.0F;
      for (std::int64_t x = 0; x < width_; ++x, out += 3) {
        const float add = columns[static_cast<std::size_t>(x)] * row + light;
        out[0] = tone.r + add;
        out[1] = tone.g + add;
        out[2] = tone.b + add;
      }
    }
  }

  void draw(const Placed& placed) {
    if (placed.opacity <= 0) return;
    const DistanceTable& table = DistanceTable::of(placed.thing.shape);
    const Rgb colour = kColourValues[static_cast<std::size_t>(placed.thing.colour)];
    const float reach = placed.radius * DistanceTable::kReach, cosine = std::cos(placed.angle), sine = std::sin(placed.angle);
    const auto first = [](float v) { return std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(v))); };
    const std::int64_t bottom = std::min(height_, first(placed.centre.y + reach) + 1),
                       right = std::min(width_, first(placed.centre.x + reach) + 1);
    for (std::int64_t y = first(placed.centre.y - reach); y < bottom; ++y)
      for (std::int64_t x = first(placed.centre.x - reach); x < right; ++x) {
        const Point seen = {(static_cast<float>(x) + 0.5F - placed.centre.x) / placed.radius,
                            (static_cast<float>(y) + 0.5F - placed.centre.y) / placed.radius};
        const Point own = {cosine * seen.x + sine * seen.y, cosine * seen.y - sine * seen.x};
        const float coverage = std::clamp(0.5F - table.at(own) * placed.radius, 0.0F, 1.0F) * placed.opacity;
        if (coverage <= 0) continue;
        const float light = (1 - kShading * (seen.x + seen.y)) * ink(placed.thing.texture, own, placed.radius);  // from above, left
        float* pixel = picture_.data() + (y * width_ + x) * 3;
        pixel[0] += coverage * (colour.r * light - pixel[0]);
        pixel[1] += coverage * (colour.g * light - pixel[1]);
        pixel[2] += coverage * (colour.b * light - pixel[2]);
      }
  }

  void write(std::uint8_t* rgb) {
    const auto pixels = static_cast<std::size_t>(height_ * width_);
    std::size_t from = static_cast<std::size_t>(random_.next()) % kNoise;
    const float* in = picture_.data();
    for (std::size_t i = 0; i < pixels; ++i, in += 3, rgb += 3) {
      const float grain = noise_[from] + 0.5F;
      from = from + 1 == kNoise ? 0 : from + 1;
      for (int c = 0; c < 3; ++c) rgb[c] = static_cast<std::uint8_t>(std::clamp(in[c] + grain, 0.0F, 255.0F));
    }
  }

 private:
  static constexpr std::size_t kNoise = 40009;  // a prime: rows do not repeat

  // How much of its colour a textured thing shows here; soft edges about a pixel wide.
  static float ink(Texture texture, Point own, float radius) {
    if (texture == Texture::plain) return 1;
    return 1 - (1 - kDarkInk) * std::clamp(0.5F + ink_distance(texture, own.x, own.y) * radius, 0.0F, 1.0F);
  }

  const Scene& scene_;
  Random random_;
  std::int64_t height_, width_;
  float slope_, phase_;
  std::vector<float> picture_, noise_;
};

}  // namespace

VideoClip render(const Scene& scene, std::uint64_t seed, const Canvas& canvas) {
  if (canvas.frames < 1 || canvas.height < 32 || canvas.width < 32)
    throw UsageError(
        fmt::format("a clip of the world has at least 1 frame of 32 x 32, not {} of {} x {}", canvas.frames, canvas.width, canvas.height));
  VideoClip clip{.frames = canvas.frames, .height = canvas.height, .width = canvas.width, .frames_per_second = canvas.frames_per_second};
  const auto frame_bytes = static_cast<std::size_t>(canvas.height * canvas.width * 3);
  clip.rgb.resize(static_cast<std::size_t>(canvas.frames) * frame_bytes);
  const Choreography choreography(scene, seed, canvas);
  Painter painter(scene, seed, canvas);
  for (std::int64_t frame = 0; frame < canvas.frames; ++frame) {
    const float t = canvas.frames == 1 ? 0.5F : static_cast<float>(frame) / static_cast<float>(canvas.frames - 1);
    painter.background(choreography.shift(t), choreography.unit());
    for (const Placed& placed : choreography.at(t)) painter.draw(placed);
    painter.write(clip.rgb.data() + static_cast<std::size_t>(frame) * frame_bytes);
  }
  return clip;
}

}  // namespace wan::world
