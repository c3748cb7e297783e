#include "engine/vae/clip.h"

#include <ATen/ops/isfinite.h>

#include <algorithm>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::vae {

VideoClip to_clip(const at::Tensor& video, double frames_per_second) {
  WAN_CHECK(video.dim() == 4 && video.size(0) == 3, "a video must be [3, F, H, W], it has {} dimensions", video.dim());
  VideoClip clip{.frames = video.size(1), .height = video.size(2), .width = video.size(3), .frames_per_second = frames_per_second};
  const at::Tensor pixels = video.detach().to(at::kFloat).permute({1, 2, 3, 0}).contiguous();  // [F, H, W, 3]
  clip.nonfinite_values = pixels.numel() - at::isfinite(pixels).sum().item<std::int64_t>();
  const at::Tensor bounded = (clip.nonfinite_values > 0 ? pixels.nan_to_num(-1.0, 1.0, -1.0) : pixels).clamp(-1, 1);
  const at::Tensor bytes = bounded.add(1).div(2).mul(255).to(at::kByte).cpu().contiguous();
  const auto* first = bytes.const_data_ptr<std::uint8_t>();
  clip.rgb.assign(first, first + bytes.numel());
  return clip;
}

}  // namespace wan::vae
