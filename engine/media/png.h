// One image as a PNG in memory, through libpng: the only PNG path, with and without OpenCV.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace wan::media {

struct Image {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::vector<std::uint8_t> rgb = {};  // [height, width, 3], sRGB
};

// Grey and palette images become RGB, 16 bits become 8. An image that is not opaque is refused: what shows through is unknown.
// Throws UsageError that begins with `name`.
Image decode_png(std::span<const std::byte> bytes, const std::string& name);

}  // namespace wan::media
