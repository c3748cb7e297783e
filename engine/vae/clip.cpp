#include "engine/vae/clip.h"

#include <ATen/ops/isfinite.h>

#include <algorithm>
#include <cstring>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::vae {
namespace {

// [3, F, H, W] to [F, H, W, 3] bytes on the host.
at::Tensor to_bytes(const at::Tensor& video, std::int64_t& nonfinite) {
  const at::Tensor pixels = video.detach().to(at::kFloat).permute({1, 2, 3, 0}).contiguous();  // [F, H, W, 3]
  const std::int64_t bad = pixels.numel() - at::isfinite(pixels).sum().item<std::int64_t>();
  nonfinite += bad;
  const at::Tensor bounded = (bad > 0 ? pixels.nan_to_num(-1.0, 1.0, -1.0) : pixels).clamp(-1, 1);
  return bounded.add_(1).div_(2).mul_(255).to(at::kByte).cpu();
}

}  // namespace

ClipAssembler::ClipAssembler(std::int64_t frames, std::int64_t height, std::int64_t width, double frames_per_second)
    : clip_{.frames = frames, .height = height, .width = width, .frames_per_second = frames_per_second} {
  clip_.rgb.resize(static_cast<std::size_t>(frames * height * width * 3));
}

void ClipAssembler::add(const Piece& piece) {
  const at::Tensor video = piece.pixels.squeeze(0);  // [3, f, y, x]
  WAN_CHECK(video.dim() == 4 && video.size(0) == 3, "a video must be [3, F, H, W], it has {} dimensions", video.dim());
  const std::int64_t frames = video.size(1), rows = video.size(2), row_bytes = video.size(3) * 3;
  WAN_CHECK(piece.frame + frames <= clip_.frames && piece.row + rows <= clip_.height && piece.column + video.size(3) <= clip_.width,
            "a piece lies outside the clip");
  const std::int64_t at_once = std::max<std::int64_t>(1, kValuesAtOnce / std::max<std::int64_t>(1, rows * row_bytes));
  for (std::int64_t start = 0; start < frames; start += at_once) {
    const at::Tensor bytes = to_bytes(video.narrow(1, start, std::min(at_once, frames - start)), clip_.nonfinite_values);
    const auto* from = bytes.const_data_ptr<std::uint8_t>();
    for (std::int64_t frame = piece.frame + start; frame < piece.frame + start + bytes.size(0); ++frame)
      for (std::int64_t row = piece.row; row < piece.row + rows; ++row, from += row_bytes)
        std::memcpy(clip_.rgb.data() + ((frame * clip_.height + row) * clip_.width + piece.column) * 3, from,
                    static_cast<std::size_t>(row_bytes));
  }
}

VideoClip to_clip(const at::Tensor& video, double frames_per_second) {
  WAN_CHECK(video.dim() == 4 && video.size(0) == 3, "a video must be [3, F, H, W], it has {} dimensions", video.dim());
  ClipAssembler clip(video.size(1), video.size(2), video.size(3), frames_per_second);
  clip.add({.pixels = video.unsqueeze(0), .frame = 0, .row = 0, .column = 0});
  return clip.take();
}

}  // namespace wan::vae
