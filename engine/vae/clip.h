// The decoder's video to bytes on the host.
#pragma once

#include <cstdint>

#include "engine/base/video_clip.h"
#include "engine/vae/vae.h"

namespace wan::vae {

// Values converted at once: enough to keep a device busy, little beside the decoder's own tensors.
constexpr std::int64_t kValuesAtOnce = std::int64_t{1} << 23;

// Puts a clip together from the pieces of a decode, a few frames at a time, so that the device need not hold the video. Counts NaN and
// infinite values, clamps to [-1, 1] and truncates to bytes (as the references do): NaN and -Inf become 0, +Inf 255.
class ClipAssembler {
 public:
  ClipAssembler(std::int64_t frames, std::int64_t height, std::int64_t width, double frames_per_second);
  void add(const Piece& piece);  // of batch size 1
  VideoClip take() { return std::move(clip_); }

 private:
  VideoClip clip_;
};

// The whole video [3, F, H, W] at once.
VideoClip to_clip(const at::Tensor& video, double frames_per_second);

}  // namespace wan::vae
