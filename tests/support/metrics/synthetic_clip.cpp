#include "tests/support/metrics/synthetic_clip.h"

#include <algorithm>

namespace wan::testing {
namespace {

VideoClip empty(const Size& size) {
  VideoClip clip{.frames = size.frames, .height = size.height, .width = size.width};
  clip.rgb.resize(static_cast<std::size_t>(size.frames * size.height * size.width * 3));
  return clip;
}

std::size_t frame_bytes(const VideoClip& clip) { return static_cast<std::size_t>(clip.height * clip.width * 3); }

// A triangle wave of period 512 between 0 and 255.
std::uint8_t fold(std::int64_t value) {
  const std::int64_t phase = value & 511;
  return static_cast<std::uint8_t>(phase > 255 ? 511 - phase : phase);
}

std::uint32_t mix(std::uint32_t value) {
  value ^= value >> 16;
  value *= 0x7feb352dU;
  value ^= value >> 15;
  value *= 0x846ca68bU;
  return value ^ (value >> 16);
}

}  // namespace

VideoClip moving_ramps(const Size& size) {
  VideoClip clip = empty(size);
  std::size_t at = 0;
  for (std::int64_t t = 0; t < size.frames; ++t)
    for (std::int64_t y = 0; y < size.height; ++y)
      for (std::int64_t x = 0; x < size.width; ++x)
        for (std::int64_t c = 0; c < 3; ++c) clip.rgb[at++] = fold(x * 3 + y * (2 + c) + t * 7 + x * y / 16 + c * 60);
  return clip;
}

VideoClip flat(const Size& size, std::uint8_t value) {
  VideoClip clip = empty(size);
  std::fill(clip.rgb.begin(), clip.rgb.end(), value);
  return clip;
}

VideoClip noisy(VideoClip clip, int amplitude, std::uint32_t seed) {
  const auto span = static_cast<std::uint32_t>(2 * amplitude + 1);
  for (std::size_t i = 0; i < clip.rgb.size(); ++i) {
    const int noise = static_cast<int>(mix(static_cast<std::uint32_t>(i) + seed * 0x9e3779b9U) % span) - amplitude;
    clip.rgb[i] = static_cast<std::uint8_t>(std::clamp(clip.rgb[i] + noise, 0, 255));
  }
  return clip;
}

VideoClip with_flat_frame(VideoClip clip, std::int64_t index, std::uint8_t value) {
  const auto start = clip.rgb.begin() + index * static_cast<std::ptrdiff_t>(frame_bytes(clip));
  std::fill(start, start + static_cast<std::ptrdiff_t>(frame_bytes(clip)), value);
  return clip;
}

VideoClip with_frozen_frames(VideoClip clip, std::int64_t first, std::int64_t last) {
  const auto size = static_cast<std::ptrdiff_t>(frame_bytes(clip));
  for (std::int64_t i = first + 1; i <= last; ++i) std::copy_n(clip.rgb.begin() + first * size, size, clip.rgb.begin() + i * size);
  return clip;
}

}  // namespace wan::testing
