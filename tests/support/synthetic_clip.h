// Clips that need no file: the same bytes on every machine.
#pragma once

#include <cstdint>

#include "engine/base/video_clip.h"

namespace wan::testing {

// Every byte from a small generator: the worst case for colour conversion and codecs.
inline VideoClip noise_clip(std::int64_t frames, std::int64_t height, std::int64_t width, std::uint32_t seed = 1) {
  VideoClip clip{.frames = frames, .height = height, .width = width};
  std::uint32_t state = seed;
  for (std::int64_t i = 0; i < frames * height * width * 3; ++i) {
    state = state * 1664525U + 1013904223U;
    clip.rgb.push_back(static_cast<std::uint8_t>(state >> 24));
  }
  return clip;
}

// Slow gradients that move: what a codec keeps well.
inline VideoClip smooth_clip(std::int64_t frames, std::int64_t height, std::int64_t width) {
  VideoClip clip{.frames = frames, .height = height, .width = width};
  for (std::int64_t t = 0; t < frames; ++t)
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x)
        for (const std::int64_t value : {64 + 128 * x / width, 64 + 128 * y / height, 100 + 2 * t})
          clip.rgb.push_back(static_cast<std::uint8_t>(value));
  return clip;
}

}  // namespace wan::testing
