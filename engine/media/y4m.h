// The header line of a y4m file (YUV4MPEG2) and what it says of the planes behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace wan::media {

struct Y4mHeader {
  std::int64_t width = 0;
  std::int64_t height = 0;
  double frames_per_second = 0;
  bool rate_known = false;
  std::int64_t chroma_width = 0;  // 0: no chroma (mono)
  std::int64_t chroma_height = 0;
  bool centred_chroma = true;  // 4:2:0 only: chroma between two columns (jpeg), or on the left one (mpeg2)
  bool full_range = false;
  std::size_t frame_bytes() const { return static_cast<std::size_t>(width * height + 2 * chroma_width * chroma_height); }
};

// `line` without its line break. Throws UsageError that begins with `name`.
Y4mHeader parse_y4m_header(std::string_view line, const std::string& name);
std::string format_y4m_header(std::int64_t width, std::int64_t height, double frames_per_second);  // 4:4:4, full range

// One frame's planes to and from [height, width, 3]. Colours are ITU-R BT.601 at every size: y4m cannot name a matrix, and this is what
// FFmpeg takes where none is named. Sub-sampled chroma is interpolated linearly. In 4:4:4 full range RGB there and back differs by at most
// 1 (y4m_test.cpp has the proof).
void rgb_from_planes(const Y4mHeader& header, std::span<const std::uint8_t> planes, std::span<std::uint8_t> rgb);
void planes_from_rgb(std::span<const std::uint8_t> rgb, std::span<std::uint8_t> planes);  // 4:4:4, full range

}  // namespace wan::media
