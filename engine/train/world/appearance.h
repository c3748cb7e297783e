// What the words of a caption look like, in numbers: one table for the renderer that draws them and for the metric that looks for them.
// Lengths are in units of the picture's shorter side unless said otherwise; y runs downwards.
#pragma once

#include <array>

#include "engine/train/world/scene.h"

namespace wan::world {

struct Rgb {
  float r, g, b;  // sRGB, 0 to 255
};

// By Colour and by Tone.
inline constexpr std::array<Rgb, kColours> kColourValues = {
    {{222, 38, 38}, {242, 138, 26}, {240, 222, 48}, {48, 178, 66}, {60, 212, 222}, {48, 92, 234}, {150, 58, 202}, {242, 242, 242}}};
inline constexpr std::array<Rgb, 5> kToneValues = {{{24, 24, 26}, {120, 120, 124}, {24, 32, 84}, {102, 68, 42}, {224, 212, 182}}};

inline constexpr float kDarkInk = 0.5F;         // of a thing's colour, in the dark part of its texture
inline constexpr float kShading = 0.09F;        // of its light that a thing loses in a radius to the right and in one downwards
inline constexpr float kTexturePeriod = 0.75F;  // of stripes and dots, in radii of the thing
inline constexpr float kChecker = 1.0F / 6;     // side of a field of a checkered background
inline constexpr float kPan = 0.12F;            // how far a camera pans in a clip

// By Speed, over the whole clip.
inline constexpr std::array<float, 3> kDistances = {0.18F, 0.31F, 0.42F};  // of `move`
inline constexpr std::array<float, 3> kTurns = {0.6F, 1.1F, 1.8F};         // of `rotate`, radians
inline constexpr std::array<float, 3> kOrbits = {1.2F, 2.0F, 2.9F};        // of `orbit`, radians
inline constexpr std::array<int, 3> kHops = {1, 2, 3};                     // of `bounce`
inline constexpr float kHopHeight = 0.2F;

// Of the first thing at the middle of the clip, and of the second. A shape of radius 1 fits a circle of about 1.
float radius_of_first(const Scene& scene);
float radius_of_second(const Scene& scene);
// Radius at the end over radius at the start, of `grow`; of `shrink` the inverse.
float growth_of(const Scene& scene);

// Signed distance of a place to the edge of a shape of radius 1 that stands upright, in radii, negative inside.
float shape_distance(Shape shape, float x, float y);
// The same to the edge of the dark part of a texture, positive in the dark.
float ink_distance(Texture texture, float x, float y);

}  // namespace wan::world
