// One generated or loaded video clip on the host: the value that engine, media, metrics and harness hand on.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace wan {

struct VideoClip {
  std::int64_t frames = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  double frames_per_second = 16.0;
  std::vector<std::uint8_t> rgb = {};  // [frames, height, width, 3], sRGB, truncated from [0, 255]
  std::int64_t nonfinite_values = 0;   // NaN or infinite values that the decoder gave before clamping, over the whole clip

  // Frame `index`, [height, width, 3].
  std::span<const std::uint8_t> frame(std::int64_t index) const;
  // SHA-256 over shape and pixels: two clips with the same hash are the same clip.
  std::string content_hash() const;
};

}  // namespace wan
