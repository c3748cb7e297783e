#include "metrics/world/answer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "engine/train/world/appearance.h"
#include "metrics/world/silhouette.h"

namespace wan::metrics::world {
namespace {

using wan::world::Caption;
using wan::world::Direction;
using wan::world::Motion;
using wan::world::Relation;
using wan::world::Scene;
using wan::world::Size;
using wan::world::Speed;
using wan::world::Thing;
using wan::world::Turn;

constexpr float kPi = std::numbers::pi_v<float>;

// Least that counts as each motion: about half of the slowest in the world.
constexpr float kLeastMove = 0.09F, kLeastTurn = 0.35F, kLeastOrbit = 0.8F, kLeastHop = 0.12F;
constexpr float kBend = 0.03F;   // how far an orbit leaves the straight line at least
constexpr float kStray = 0.06F;  // how far a bounce may drift sideways
constexpr float kLate = 0.15F;   // part of the clip in which what appears is not there yet

struct Extent {
  float low = INFINITY, high = -INFINITY;
  void take(float value) { low = std::min(low, value), high = std::max(high, value); }
  float range() const { return high - low; }
};

// What one thing does.
struct Deed {
  Motion motion = Motion::still;
  float x = 0, y = 0;  // from the first to the last place
  float growth = 0;    // logarithm of the last radius over the first
  float turn = 0;      // of the thing about itself
  float orbit = 0;     // about a middle
  int hops = 0;
};

struct Point {
  float x, y;
};

// Middle of the circle through places, by least squares (Kasa 1976); none if they lie on a line.
std::optional<Point> circle_middle(const std::vector<Moment>& way) {
  double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0, xr = 0, yr = 0, r = 0;
  for (const Moment& m : way) n += 1, x += m.x, y += m.y;
  x /= n, y /= n;
  for (const Moment& m : way) {
    const double dx = m.x - x, dy = m.y - y, square = dx * dx + dy * dy;
    xx += dx * dx, yy += dy * dy, xy += dx * dy, xr += dx * square, yr += dy * square, r += square;
  }
  const double spread = xx * yy - xy * xy;
  if (spread <= 1e-6 * r * r) return std::nullopt;
  return Point{static_cast<float>(x + (xr * yy - yr * xy) / spread / 2), static_cast<float>(y + (yr * xx - xr * xy) / spread / 2)};
}

float turn_about(const std::vector<Moment>& way, const std::vector<Point>& middles) {
  float total = 0;
  for (std::size_t i = 1; i < way.size(); ++i) {
    const Point a = {way[i - 1].x - middles[i - 1].x, way[i - 1].y - middles[i - 1].y},
                b = {way[i].x - middles[i].x, way[i].y - middles[i].y};
    total += std::atan2(a.x * b.y - a.y * b.x, a.x * b.x + a.y * b.y);
  }
  return total;
}

// How far places leave the line from the first to the last, or, where these are one, the line of greatest extent.
float bend(const std::vector<Moment>& way) {
  double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
  const auto n = static_cast<double>(way.size());
  for (const Moment& m : way) x += m.x / n, y += m.y / n;
  for (const Moment& m : way) xx += (m.x - x) * (m.x - x), yy += (m.y - y) * (m.y - y), xy += (m.x - x) * (m.y - y);
  const double angle = std::atan2(2 * xy, xx - yy) / 2;
  Extent across;
  for (const Moment& m : way) across.take(static_cast<float>((m.y - y) * std::cos(angle) - (m.x - x) * std::sin(angle)));
  return across.range();
}

// The number of hops whose curve is most like the heights, 0 if none is.
int count_hops(const std::vector<Moment>& way, std::int64_t frames) {
  constexpr double kLike = 0.8;
  double best = kLike;
  int hops = 0;
  for (const int tried : wan::world::kHops) {
    double n = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;
    for (const Moment& m : way) {
      const double t = static_cast<double>(m.frame) / static_cast<double>(std::max<std::int64_t>(1, frames - 1));
      const double height = std::abs(std::sin(std::numbers::pi * tried * t)), seen = -m.y;
      n += 1, a += height, b += seen, aa += height * height, bb += seen * seen, ab += height * seen;
    }
    const double spread = (n * aa - a * a) * (n * bb - b * b), like = spread <= 0 ? 0 : (n * ab - a * b) / std::sqrt(spread);
    if (like > best) best = like, hops = tried;
  }
  return hops;
}

// `other`: what may be orbited, in the same frames; else a middle is looked for.
Deed deed_of(const SeenThing& thing, const SeenThing* other, float least_growth, const Observation& seen) {
  const std::vector<Moment>& way = thing.way;
  Deed deed;
  if (way.size() < 2) return deed;
  Extent x, y;
  for (const Moment& m : way) x.take(m.x), y.take(m.y);
  deed.x = way.back().x - way.front().x, deed.y = way.back().y - way.front().y;
  deed.turn = way.back().turn;
  deed.growth = std::log(way.back().radius / way.front().radius);
  std::vector<Point> middles;
  if (other) {
    for (const Moment& m : other->way) middles.push_back({m.x, m.y});
  } else if (const auto middle = circle_middle(way)) {
    middles.assign(way.size(), *middle);
  }
  if (middles.size() == way.size()) deed.orbit = turn_about(way, middles);
  deed.hops = count_hops(way, seen.frames);

  const float late = static_cast<float>(seen.first_seen) / static_cast<float>(std::max<std::int64_t>(1, seen.frames - 1));
  if (late > kLate && way.back().frame == seen.frames - 1)
    deed.motion = Motion::appear;
  else if (deed.hops > 0 && x.range() < kStray && y.range() > kLeastHop && std::abs(deed.y) < 0.8F * y.range())
    deed.motion = Motion::bounce;
  else if (std::abs(deed.orbit) > kLeastOrbit && bend(way) > kBend)
    deed.motion = Motion::orbit;
  else if (std::hypot(deed.x, deed.y) > kLeastMove)
    deed.motion = Motion::move;
  else if (std::abs(deed.growth) > least_growth)
    deed.motion = deed.growth > 0 ? Motion::grow : Motion::shrink;
  else if (std::abs(deed.turn) > kLeastTurn)
    deed.motion = Motion::rotate;
  return deed;
}

// Which things of the clip are those of the caption. Things of one kind are all the same.
struct Cast {
  std::vector<const SeenThing*> first;
  const SeenThing* second = nullptr;
  bool certain = true;  // who is first and who second
};

int likeness(const Thing& thing, const SeenThing& seen) { return (seen.colour == thing.colour) + (seen.shape == thing.shape); }

Cast cast(const Scene& scene, const std::vector<SeenThing>& things) {
  Cast best;
  if (!scene.second) {
    for (const SeenThing& thing : things) best.first.push_back(&thing);
    return best;
  }
  int most = -1;
  for (const SeenThing& a : things)
    for (const SeenThing& b : things) {
      if (&a == &b) continue;
      const int like = likeness(scene.first, a) + likeness(*scene.second, b);
      if (like == most) best.certain = false;
      if (like > most) most = like, best = {.first = {&a}, .second = &b};
    }
  if (!best.second && !things.empty()) best.first = {&things[0]};
  return best;
}

template <typename Same>
bool all_right(const Scene& scene, const Cast& cast, Same same) {
  if (cast.first.empty() || (scene.second && !cast.second)) return false;
  return std::all_of(cast.first.begin(), cast.first.end(), [&](const SeenThing* seen) { return same(scene.first, *seen, false); }) &&
         (!scene.second || same(*scene.second, *cast.second, true));
}

// The radius at the middle of the clip: what grows passes it on its way, and what fades in has it in most frames.
float typical_radius(const SeenThing& thing) {
  std::vector<float> radii;
  for (const Moment& m : thing.way) radii.push_back(m.radius);
  const auto middle = radii.begin() + static_cast<std::ptrdiff_t>(radii.size() / 2);
  std::nth_element(radii.begin(), middle, radii.end());
  return *middle;
}

// Index of the value that is nearest as a ratio.
template <typename Values>
std::size_t nearest_ratio(float seen, const Values& values) {
  std::size_t best = 0;
  float least = INFINITY;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float apart = std::abs(std::log(std::max(1e-4F, seen) / static_cast<float>(values[i])));
    if (apart < least) least = apart, best = i;
  }
  return best;
}

Size size_of(const SeenThing& thing, Scene scene, bool second) {
  std::array<float, 3> radii;
  for (std::size_t i = 0; i < radii.size(); ++i) {
    (second ? *scene.second : scene.first).size = static_cast<Size>(i);
    radii[i] = second ? wan::world::radius_of_second(scene) : wan::world::radius_of_first(scene);
  }
  return static_cast<Size>(nearest_ratio(typical_radius(thing), radii));
}

std::array<float, 3> growths(Scene scene) {
  std::array<float, 3> result;
  for (std::size_t i = 0; i < result.size(); ++i) {
    scene.speed = static_cast<Speed>(i);
    result[i] = std::log(wan::world::growth_of(scene));
  }
  return result;
}

Speed speed_of(const Deed& deed, const Scene& scene) {
  const auto nearest = [](float seen, const auto& values) { return static_cast<Speed>(nearest_ratio(std::abs(seen), values)); };
  switch (scene.motion) {
    case Motion::move:
      return nearest(std::hypot(deed.x, deed.y), wan::world::kDistances);
    case Motion::rotate:
      return nearest(deed.turn, wan::world::kTurns);
    case Motion::grow:
    case Motion::shrink:
      return nearest(deed.growth, growths(scene));
    case Motion::bounce:
      return nearest(static_cast<float>(deed.hops), wan::world::kHops);
    case Motion::orbit:
      return nearest(deed.orbit, wan::world::kOrbits);
    case Motion::still:
    case Motion::appear:
      break;
  }
  return Speed::normal;
}

bool goes(Direction direction, const Deed& deed) {
  const float right = direction == Direction::right  ? deed.x
                      : direction == Direction::left ? -deed.x
                                                     : 0.0F,
              down = direction == Direction::down ? deed.y
                     : direction == Direction::up ? -deed.y
                                                  : 0.0F,
              along = right + down, across = direction == Direction::left || direction == Direction::right ? deed.y : deed.x;
  return along > kLeastMove / 2 && along > 2 * std::abs(across);
}

bool turns(Turn turn, const Deed& deed, Motion motion) {
  const float seen = (motion == Motion::orbit ? deed.orbit : deed.turn) * (turn == Turn::clockwise ? 1.0F : -1.0F);
  return seen > (motion == Motion::orbit ? kLeastOrbit : kLeastTurn) / 2;
}

bool stands(Relation relation, const SeenThing& first, const SeenThing& second) {
  const auto middle = [](const SeenThing& thing) {
    Point p = {0, 0};
    for (const Moment& m : thing.way) p.x += m.x / static_cast<float>(thing.way.size()), p.y += m.y / static_cast<float>(thing.way.size());
    return p;
  };
  const Point a = middle(first), b = middle(second);
  const float x = a.x - b.x, y = a.y - b.y;
  const std::array along = {-x, x, -y, y};
  return along[static_cast<std::size_t>(relation)] > std::max(std::abs(x), std::abs(y)) * 0.99F;
}

// Between two frames a shape must turn by less than half of what makes it look the same.
bool can_tell_turn(const Scene& scene, std::int64_t frames) {
  if (scene.motion != Motion::rotate) return true;
  const int same = symmetry(scene.first.shape);
  const float period = same == 0 ? kPi : 2 * kPi / static_cast<float>(same);
  return wan::world::kTurns[static_cast<std::size_t>(scene.speed)] / static_cast<float>(frames - 1) < 0.4F * period;
}

// Three hops need more than six steps to look like three.
bool can_tell_speed(const Scene& scene, std::int64_t frames) {
  return scene.motion == Motion::bounce ? frames > 2 * wan::world::kHops.back() + 1 : can_tell_turn(scene, frames);
}

}  // namespace

std::string_view to_string(Claim claim) {
  return std::array<std::string_view,
                    std::size(kClaims)>{"colour",     "shape",   "count", "motion",  "direction", "relation",
                                        "background", "pattern", "size",  "texture", "speed",     "pan"}[static_cast<std::size_t>(claim)];
}

bool is_core(Claim claim) { return claim <= Claim::background; }

Answers answer(const Caption& caption, const Observation& seen) {
  const Scene& scene = caption.scene;
  const Cast actors = cast(scene, seen.things);
  Answers answers{.shows_things = seen.count > 0};
  auto& right = answers.right;

  const float least_growth = growths(scene)[0] / 2;
  std::vector<Deed> deeds;
  for (const SeenThing* thing : actors.first)
    deeds.push_back(deed_of(*thing, scene.motion == Motion::orbit ? actors.second : nullptr, least_growth, seen));
  const auto all = [&](auto&& test) { return !deeds.empty() && std::all_of(deeds.begin(), deeds.end(), test); };
  const bool happens = std::any_of(deeds.begin(), deeds.end(), [](const Deed& deed) { return deed.motion != Motion::still; });
  answers.moves = scene.motion == Motion::still || !answers.shows_things || seen.things.empty() || happens;

  right[Claim::colour] = all_right(scene, actors, [](const Thing& t, const SeenThing& s, bool) { return s.colour == t.colour; });
  right[Claim::shape] = all_right(scene, actors, [](const Thing& t, const SeenThing& s, bool) { return s.shape == t.shape; });
  right[Claim::texture] = all_right(scene, actors, [](const Thing& t, const SeenThing& s, bool) { return s.texture == t.texture; });
  right[Claim::size] =
      all_right(scene, actors, [&](const Thing& t, const SeenThing& s, bool second) { return size_of(s, scene, second) == t.size; });
  right[Claim::count] = seen.count == (scene.second ? 2 : scene.count);
  right[Claim::motion] = all([&](const Deed& deed) { return deed.motion == scene.motion; });
  if (has_direction(scene)) right[Claim::direction] = all([&](const Deed& deed) { return goes(scene.direction, deed); });
  if (has_turn(scene) && can_tell_turn(scene, seen.frames))
    right[Claim::direction] = all([&](const Deed& deed) { return turns(scene.turn, deed, scene.motion); });
  if (has_speed(scene) && can_tell_speed(scene, seen.frames))
    right[Claim::speed] = right[Claim::motion] && all([&](const Deed& deed) { return speed_of(deed, scene) == scene.speed; });
  if (has_relation(scene))
    right[Claim::relation] = actors.second && actors.certain && stands(scene.relation, *actors.first[0], *actors.second);
  if (caption.names_background) {
    right[Claim::background] = seen.tone == scene.background.tone;
    right[Claim::pattern] = seen.pattern == scene.background.pattern;
  }
  if (scene.pan) right[Claim::pan] = (*scene.pan == Direction::left ? seen.pan : -seen.pan) > wan::world::kPan / 2;

  answers.adheres = std::all_of(right.begin(), right.end(), [](const auto& entry) { return entry.second || !is_core(entry.first); });
  return answers;
}

}  // namespace wan::metrics::world
