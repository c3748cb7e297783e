// Which shape a mask is, how it is turned and what its inside is like.
#pragma once

#include <array>

#include "engine/train/world/appearance.h"
#include "metrics/world/ground.h"
#include "metrics/world/segment.h"

namespace wan::metrics::world {

struct Silhouette {
  float x = 0, y = 0;                                   // centre of mass, pixels
  float size = 0;                                       // square root of the area, pixels
  std::array<float, wan::world::kShapes> overlap = {};  // with each shape at its best turn: intersection over union
  std::array<float, wan::world::kShapes> angle = {};    // radians, clockwise as seen, known up to the shape's symmetry
};

Silhouette measure(const Blob& blob);

// Radius of a shape of this size: sqrt(area) = radius * root_area.
float root_area(wan::world::Shape shape);
// The turns after which a shape looks the same, in a full circle; 0: all.
int symmetry(wan::world::Shape shape);

struct Placement {
  wan::world::Shape shape;
  float x, y, radius, angle;  // pixels, radians
};

// What is inside a thing: the bright ink, and how well stripes and dots explain the darkness of the rest.
struct Inside {
  std::array<float, 3> bright = {};  // sRGB, mean of the brighter half
  float variation = 0;               // standard deviation of the light over its mean, without the world's shading
  float striped = 0, dotted = 0;     // correlation with the texture at its best turn
  float stripes_angle = 0;           // of that turn, up to half a circle
};

Inside look_inside(const Picture& picture, const Blob& blob, const Placement& placement);

}  // namespace wan::metrics::world
