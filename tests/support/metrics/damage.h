// Clips as failures leave them, and clips that are only a little different. Equal arguments give equal bytes.
#pragma once

#include <array>
#include <cstdint>

#include "engine/base/video_clip.h"

namespace wan::testing {

// Frames [first, first + count) with every value `value`.
VideoClip with_flat_frames(VideoClip clip, std::int64_t first, std::int64_t count, std::uint8_t value);
// Every value scaled about 128, then shifted by channel; rounded and clamped.
VideoClip regraded(VideoClip clip, double gain, const std::array<double, 3>& shift);
// The shift grows from nothing in the first frame to `shift` in the last.
VideoClip fading(VideoClip clip, double shift);
// Frame `index` alone shifted.
VideoClip with_flash(VideoClip clip, std::int64_t index, double shift);
// Each channel's distance from the pixel's mean scaled.
VideoClip with_saturation(VideoClip clip, double factor);
// Gaussian noise of that standard deviation.
VideoClip with_noise(VideoClip clip, double deviation, std::uint64_t seed);
VideoClip of_noise(VideoClip clip, std::uint64_t seed);
// Gaussian, separable, edges repeated.
VideoClip blurred(VideoClip clip, double sigma);
// Every square of `pitch` pixels shifted by a value of its own, up to `level` either way; with `period`, in every `period`th frame alone.
VideoClip with_blocks(VideoClip clip, std::int64_t pitch, double level, std::uint64_t seed, std::int64_t period = 1);
// Values rounded to multiples of `step`.
VideoClip posterised(VideoClip clip, int step);
// Every `period`th frame, from frame 1 on, replaced by the one before it.
VideoClip with_repeats(VideoClip clip, std::int64_t period);
// Every fourth frame, from `phase` on, shifted.
VideoClip flickering(VideoClip clip, std::int64_t phase, double shift);
// Moved to the right by whole pixels, the edge repeated.
VideoClip moved(VideoClip clip, std::int64_t pixels);
// Through H.264, as `wan-generate` writes it.
VideoClip compressed(const VideoClip& clip);

}  // namespace wan::testing
