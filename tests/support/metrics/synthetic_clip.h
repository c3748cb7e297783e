// Clips from integer arithmetic alone, so that tests/data/metrics/make_golden.py makes the same bytes.
#pragma once

#include <cstdint>

#include "engine/base/video_clip.h"

namespace wan::testing {

struct Size {
  std::int64_t frames = 1, height = 16, width = 16;
};

// Smooth ramps that move from frame to frame.
VideoClip moving_ramps(const Size& size);
// Every byte the same.
VideoClip flat(const Size& size, std::uint8_t value);
// `clip` plus noise from -amplitude to amplitude, clamped to 0..255. Equal arguments give equal noise.
VideoClip noisy(VideoClip clip, int amplitude, std::uint32_t seed = 1);
// `clip` with every byte of frame `index` set to `value`.
VideoClip with_flat_frame(VideoClip clip, std::int64_t index, std::uint8_t value);
// `clip` with the frames after `first`, up to `last`, replaced by frame `first`.
VideoClip with_frozen_frames(VideoClip clip, std::int64_t first, std::int64_t last);

}  // namespace wan::testing
