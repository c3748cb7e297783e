#include "engine/train/world/appearance.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace wan::world {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;
// Of things in company, so that they stay apart.
constexpr float kPair = 0.85F, kOrbited = 0.72F, kOrbiting = 0.72F, kTwo = 0.8F, kThree = 0.7F;

struct Point {
  float x, y;
};

float length(Point p) { return std::sqrt(p.x * p.x + p.y * p.y); }

float box_distance(Point p, Point half) {
  const Point q = {std::abs(p.x) - half.x, std::abs(p.y) - half.y};
  return length({std::max(q.x, 0.0F), std::max(q.y, 0.0F)}) + std::min(std::max(q.x, q.y), 0.0F);
}

float polygon_distance(Point p, const std::vector<Point>& corners) {
  float nearest = INFINITY;
  bool inside = false;
  for (std::size_t i = 0, j = corners.size() - 1; i < corners.size(); j = i++) {
    const Point a = corners[j], b = corners[i], edge = {b.x - a.x, b.y - a.y}, to = {p.x - a.x, p.y - a.y};
    const float along = std::clamp((to.x * edge.x + to.y * edge.y) / (edge.x * edge.x + edge.y * edge.y), 0.0F, 1.0F);
    nearest = std::min(nearest, length({to.x - along * edge.x, to.y - along * edge.y}));
    if ((a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / edge.y * edge.x) inside = !inside;  // a ray to the right crosses the edge
  }
  return inside ? -nearest : nearest;
}

std::vector<Point> corners_on(int count, float outer, float inner) {
  std::vector<Point> corners;
  for (int i = 0; i < count; ++i) {
    const float angle = -kPi / 2 + 2 * kPi * static_cast<float>(i) / static_cast<float>(count), r = i % 2 == 0 ? outer : inner;
    corners.push_back({r * std::cos(angle), r * std::sin(angle)});
  }
  return corners;
}

float radius_of(Size size) { return std::array{0.16F, 0.2F, 0.245F}[static_cast<std::size_t>(size)]; }

}  // namespace

float radius_of_first(const Scene& scene) {
  const float radius = radius_of(scene.first.size);
  if (scene.motion == Motion::orbit) return radius * kOrbiting * (scene.second ? kPair : 1.0F);
  if (scene.second) return radius * kPair;
  return radius * (scene.count == 3 ? kThree : scene.count == 2 ? kTwo : 1.0F);
}

float radius_of_second(const Scene& scene) {
  return scene.second ? radius_of(scene.second->size) * (scene.motion == Motion::orbit ? kOrbited : kPair) : 0.0F;
}

float growth_of(const Scene& scene) {
  const auto speed = static_cast<std::size_t>(scene.speed);
  return scene.count > 1 ? std::array{1.2F, 1.35F, 1.5F}[speed] : std::array{1.35F, 1.75F, 2.2F}[speed];
}

float shape_distance(Shape shape, float x, float y) {
  static const std::vector<Point> triangle = corners_on(3, 1.12F, 1.12F);
  static const std::vector<Point> star = corners_on(10, 1.1F, 0.46F);
  const Point p = {x, y};
  switch (shape) {
    case Shape::circle:
      return length(p) - 0.92F;
    case Shape::square:
      return box_distance(p, {0.8F, 0.8F});
    case Shape::triangle:
      return polygon_distance(p, triangle);
    case Shape::star:
      return polygon_distance(p, star);
    case Shape::ring:
      return std::abs(length(p) - 0.72F) - 0.22F;
    case Shape::cross:
      return std::min(box_distance(p, {0.95F, 0.3F}), box_distance(p, {0.3F, 0.95F}));
  }
  return INFINITY;
}

float ink_distance(Texture texture, float x, float y) {
  if (texture == Texture::plain) return -INFINITY;
  const Point cell = {x / kTexturePeriod - std::round(x / kTexturePeriod), y / kTexturePeriod - std::round(y / kTexturePeriod)};
  return (texture == Texture::striped ? std::abs(cell.x) - 0.25F : 0.3F - length(cell)) * kTexturePeriod;
}

}  // namespace wan::world
