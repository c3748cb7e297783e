// Things as connected pixels that stand out from the ground. The room's only user of OpenCV.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "metrics/world/ground.h"

namespace wan::metrics::world {

struct Blob {
  std::int64_t left = 0, top = 0, width = 0, height = 0;  // bounding box, pixels
  std::vector<std::uint8_t> mask = {};                    // [height, width], 1 where the thing is
  std::vector<std::uint8_t> core = {};                    // the same without the rim, which is mixed with the ground
  std::int64_t area = 0;
};

// False in a build without OpenCV; then the functions below throw UsageError.
bool can_segment();

// The frame with its shorter side brought to `side` pixels where it is longer. `rgb` is [height, width, 3].
Picture shrink(std::span<const std::uint8_t> rgb, std::int64_t height, std::int64_t width, std::int64_t side);

// `stand_out` is [height, width], levels. Largest first; specks are left out.
std::vector<Blob> segment(const std::vector<float>& stand_out, const Picture& picture);

// CIE L*a*b* (D65) of an sRGB colour of 0 to 255.
std::array<float, 3> lab(const std::array<float, 3>& rgb);

}  // namespace wan::metrics::world
