// From the decoder's numbers to a clip of bytes.
#pragma once

#include "engine/base/video_clip.h"

namespace at {
class Tensor;
}

namespace wan::vae {

// [3, F, H, W] in about [-1, 1]. Non-finite values are counted before clamping; NaN becomes 0, infinities the nearer end of the range.
// Bytes are (x + 1) / 2 * 255, truncated, computed in float32 as the reference does.
VideoClip to_clip(const at::Tensor& video, double frames_per_second);

}  // namespace wan::vae
