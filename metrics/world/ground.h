// The background of a frame of the world, fitted to its pixels: a colour that may change evenly from top to bottom, and a checkered part.
// Things cover the smaller part of a picture, so a robust fit sees past them.
#pragma once

#include <array>
#include <complex>
#include <cstdint>
#include <vector>

namespace wan::metrics::world {

struct Picture {
  std::int64_t height = 0, width = 0;
  std::vector<float> rgb = {};  // [height, width, 3], sRGB, 0 to 255
  float unit() const { return static_cast<float>(height < width ? height : width); }
};

struct Ground {
  std::array<float, 3> middle = {};                // colour at half height
  std::array<float, 3> slope = {};                 // from the top to the bottom edge
  float checker = 0;                               // half the contrast of the fields, levels; noise gives about 1
  std::array<std::complex<double>, 2> waves = {};  // of the checkered part, along its two diagonals; their phases tell a pan
};

Ground fit_ground(const Picture& picture);

// How far each pixel is from the ground, in levels: in hue, and in light as far as a checkered ground does not explain it. [height, width]
std::vector<float> stand_out(const Picture& picture, const Ground& ground);

// How far the ground has moved to the right between two frames, in pixels: less than half a field. Means nothing without a checkered
// ground.
float moved_right(const Ground& from, const Ground& to, const Picture& picture);

// Levels of `Ground::checker` from which a ground counts as checkered: about half of what the world draws.
inline constexpr float kCheckered = 7;

}  // namespace wan::metrics::world
