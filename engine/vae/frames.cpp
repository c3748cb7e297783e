#include "engine/vae/frames.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::vae {

at::Tensor zero_frames(const at::Tensor& x, std::int64_t frames) {
  auto shape = x.sizes().vec();
  shape[2] = frames;
  return at::empty(shape, x.options().memory_format(x.suggest_memory_format())).zero_();
}

// A batch of one is squeezed and unsqueezed, not flattened: that would give a single frame strides that look like no memory format.
at::Tensor fold_frames(const at::Tensor& x) { return x.size(0) == 1 ? x.squeeze(0).transpose(0, 1) : x.transpose(1, 2).flatten(0, 1); }

at::Tensor unfold_frames(const at::Tensor& images, std::int64_t batch) {
  if (batch == 1) return images.unsqueeze(0).transpose(1, 2);
  return images.unflatten(0, {batch, images.size(0) / batch}).transpose(1, 2);  // [B, C, T, H, W]
}

at::Tensor interleave_frames(const at::Tensor& x) {
  // Built channels-last so that the one copy it takes is in the format that the CPU convolutions want.
  const at::Tensor parts = x.unflatten(1, {2, x.size(1) / 2});                 // [B, 2, C, T, H, W]
  const at::Tensor ordered = parts.permute({0, 3, 1, 4, 5, 2}).flatten(1, 2);  // [B, 2T, H, W, C]
  return ordered.permute({0, 4, 1, 2, 3}).contiguous(x.suggest_memory_format());
}

at::Tensor patchify(const at::Tensor& x, std::int64_t size) {
  if (size == 1) return x;
  WAN_CHECK(x.size(3) % size == 0 && x.size(4) % size == 0, "{} x {} pixels cannot be cut into cells of {}", x.size(3), x.size(4), size);
  return x
      .unflatten(4, {x.size(4) / size, size})  // [B, C, T, H, w, column]
      .unflatten(3, {x.size(3) / size, size})  // [B, C, T, h, row, w, column]
      .permute({0, 1, 6, 4, 2, 3, 5})          // [B, C, column, row, T, h, w]
      .flatten(1, 3);
}

at::Tensor unpatchify(const at::Tensor& x, std::int64_t size) {
  if (size == 1) return x;
  return x
      .unflatten(1, {x.size(1) / (size * size), size, size})  // [B, C, column, row, T, h, w]
      .permute({0, 1, 4, 5, 3, 6, 2})                         // [B, C, T, h, row, w, column]
      .flatten(5, 6)
      .flatten(3, 4);
}

at::Tensor average_down(const at::Tensor& x, std::int64_t channels, Factors factors) {
  const std::int64_t missing = (factors.time - x.size(2) % factors.time) % factors.time;
  const at::Tensor filled = missing == 0 ? x : at::constant_pad_nd(x, {0, 0, 0, 0, missing, 0});
  const std::int64_t gathered = x.size(1) * factors.time * factors.space * factors.space;
  WAN_CHECK(gathered % channels == 0, "{} gathered channels cannot be averaged to {}", gathered, channels);
  return filled.unflatten(4, {x.size(4) / factors.space, factors.space})
      .unflatten(3, {x.size(3) / factors.space, factors.space})
      .unflatten(2, {filled.size(2) / factors.time, factors.time})  // [B, C, T, ft, H, fs, W, fs]
      .permute({0, 1, 3, 5, 7, 2, 4, 6})                            // [B, C, ft, fs, fs, T, H, W]
      .flatten(1, 4)
      .unflatten(1, {channels, gathered / channels})
      .mean(2);
}

at::Tensor duplicate_up(const at::Tensor& x, std::int64_t channels, Factors factors, bool first_chunk) {
  const std::int64_t spread = channels * factors.time * factors.space * factors.space;
  WAN_CHECK(spread % x.size(1) == 0, "{} channels cannot be spread over {}", x.size(1), spread);
  const at::Tensor repeated = x.unsqueeze(2)
                                  .expand({-1, -1, spread / x.size(1), -1, -1, -1})
                                  .flatten(1, 2)
                                  .unflatten(1, {channels, factors.time, factors.space, factors.space})  // [B, C, ft, fs, fs, T, H, W]
                                  .permute({0, 1, 5, 2, 6, 3, 7, 4})                                     // [B, C, T, ft, H, fs, W, fs]
                                  .flatten(6, 7)
                                  .flatten(4, 5)
                                  .flatten(2, 3);
  const std::int64_t dropped = first_chunk ? factors.time - 1 : 0;
  return repeated.narrow(2, dropped, repeated.size(2) - dropped);
}

}  // namespace wan::vae
