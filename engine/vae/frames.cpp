#include "engine/vae/frames.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/upsample_nearest3d.h>

#include <optional>
#include <vector>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::vae {
namespace {

bool channels_last(const at::Tensor& x) { return x.suggest_memory_format() == at::MemoryFormat::ChannelsLast3d; }

// Channels are cut and moved where they are the last dimension, so that neither a rearrangement nor its gradient leaves the order.
at::Tensor to_last(const at::Tensor& x) { return x.permute({0, 2, 3, 4, 1}); }    // [B, C, T, H, W] -> [B, T, H, W, C]
at::Tensor from_last(const at::Tensor& x) { return x.permute({0, 4, 1, 2, 3}); }  // its inverse

// Of `channels` channels in cells of (time, space, space), counted through with the column fastest, each `group` consecutive ones belong
// together: how many different groups each dimension tells apart. Nothing if a group is not made of whole dimensions and channels.
struct Groups {
  std::int64_t channels, time, row, column;
};
std::optional<Groups> groups_of(std::int64_t channels, Factors factors, std::int64_t group) {
  Groups groups{channels, factors.time, factors.space, factors.space};
  for (std::int64_t* size : {&groups.column, &groups.row, &groups.time}) {
    if (group == 1) return groups;
    if (group % *size != 0) return std::nullopt;
    group /= *size;
    *size = 1;
  }
  if (channels % group != 0) return std::nullopt;
  groups.channels = channels / group;
  return groups;
}

at::Tensor average_last(const at::Tensor& x, const Groups& groups, Factors factors) {
  const at::Tensor cells = to_last(x)
                               .unflatten(4, {groups.channels, x.size(1) / groups.channels})
                               .unflatten(3, {x.size(4) / factors.space, factors.space})
                               .unflatten(2, {x.size(3) / factors.space, factors.space})
                               .unflatten(1, {x.size(2) / factors.time, factors.time});  // [B, T, ft, H, fs, W, fs, C, of a group]
  std::vector<std::int64_t> averaged;
  const auto average = [&](std::int64_t dim, std::int64_t kept) {
    if (kept != cells.size(dim)) averaged.push_back(dim);
  };
  average(2, groups.time);
  average(4, groups.row);
  average(6, groups.column);
  if (cells.size(8) > 1) averaged.push_back(8);
  const at::Tensor means = averaged.empty() ? cells : cells.mean(averaged, /*keepdim=*/true);
  return from_last(means.permute({0, 1, 3, 5, 7, 8, 2, 4, 6}).flatten(4));  // [B, T, H, W, C, 1, ft, fs, fs] before
}

at::Tensor duplicate_last(const at::Tensor& x, std::int64_t channels, const Groups& groups, Factors factors) {
  return from_last(to_last(x)
                       .unflatten(4, {groups.channels, groups.time, groups.row, groups.column})
                       .permute({0, 1, 5, 2, 6, 3, 7, 4})
                       .unsqueeze(8)  // [B, T, ft, H, fs, W, fs, C, of a group], 1 where a cell's positions are alike
                       .expand({-1, -1, factors.time, -1, factors.space, -1, factors.space, -1, channels / groups.channels})
                       .reshape({x.size(0), x.size(2) * factors.time, x.size(3) * factors.space, x.size(4) * factors.space, channels}));
}

}  // namespace

at::Tensor zero_frames(const at::Tensor& x, std::int64_t frames) {
  auto shape = x.sizes().vec();
  shape[2] = frames;
  return at::empty(shape, x.options().memory_format(x.suggest_memory_format())).zero_();
}

at::Tensor take_frames(const at::Tensor& x, std::int64_t start, std::int64_t count) {
  // The gradient of a slice is a tensor of zeros in the order of the dimensions that it was taken of.
  return channels_last(x) ? from_last(to_last(x).narrow(1, start, count)) : x.narrow(2, start, count);
}

// A batch of one is squeezed and unsqueezed, not flattened: that would give a single frame strides that look like no memory format.
at::Tensor fold_frames(const at::Tensor& x) { return x.size(0) == 1 ? x.squeeze(0).transpose(0, 1) : x.transpose(1, 2).flatten(0, 1); }

at::Tensor unfold_frames(const at::Tensor& images, std::int64_t batch) {
  if (batch == 1) return images.unsqueeze(0).transpose(1, 2);
  return images.unflatten(0, {batch, images.size(0) / batch}).transpose(1, 2);  // [B, C, T, H, W]
}

at::Tensor interleave_frames(const at::Tensor& x) {
  const at::Tensor parts = to_last(x).unflatten(4, {2, x.size(1) / 2});        // [B, T, H, W, 2, C]
  const at::Tensor ordered = parts.permute({0, 1, 4, 2, 3, 5}).flatten(1, 2);  // [B, 2T, H, W, C]
  return from_last(ordered).contiguous(x.suggest_memory_format());
}

at::Tensor enlarge_frames(const at::Tensor& x) {
  // LibTorch's kernel for videos works in the plain order and would be given copies.
  if (!channels_last(x)) return at::upsample_nearest3d(x, {x.size(2), 2 * x.size(3), 2 * x.size(4)});
  return duplicate_last(x, x.size(1), {x.size(1), 1, 1, 1}, {.space = 2});
}

at::Tensor patchify(const at::Tensor& x, std::int64_t size) {
  if (size == 1) return x;
  WAN_CHECK(x.size(3) % size == 0 && x.size(4) % size == 0, "{} x {} pixels cannot be cut into cells of {}", x.size(3), x.size(4), size);
  const std::int64_t rows = x.size(3) / size, columns = x.size(4) / size;
  if (channels_last(x))
    return from_last(to_last(x)
                         .unflatten(3, {columns, size})
                         .unflatten(2, {rows, size})      // [B, T, h, row, w, column, C]
                         .permute({0, 1, 2, 4, 6, 5, 3})  // [B, T, h, w, C, column, row]
                         .flatten(4));
  return x
      .unflatten(4, {columns, size})   // [B, C, T, H, w, column]
      .unflatten(3, {rows, size})      // [B, C, T, h, row, w, column]
      .permute({0, 1, 6, 4, 2, 3, 5})  // [B, C, column, row, T, h, w]
      .flatten(1, 3);
}

at::Tensor unpatchify(const at::Tensor& x, std::int64_t size) {
  if (size == 1) return x;
  const std::int64_t channels = x.size(1) / (size * size);
  if (channels_last(x))
    return from_last(to_last(x)
                         .unflatten(4, {channels, size, size})  // [B, T, h, w, C, column, row]
                         .permute({0, 1, 2, 6, 3, 5, 4})        // [B, T, h, row, w, column, C]
                         .flatten(4, 5)
                         .flatten(2, 3));
  return x
      .unflatten(1, {channels, size, size})  // [B, C, column, row, T, h, w]
      .permute({0, 1, 4, 5, 3, 6, 2})        // [B, C, T, h, row, w, column]
      .flatten(5, 6)
      .flatten(3, 4);
}

at::Tensor average_down(const at::Tensor& x, std::int64_t channels, Factors factors) {
  const std::int64_t missing = (factors.time - x.size(2) % factors.time) % factors.time;
  const at::Tensor filled = missing == 0 ? x : at::constant_pad_nd(x, {0, 0, 0, 0, missing, 0});
  const std::int64_t gathered = x.size(1) * factors.time * factors.space * factors.space;
  WAN_CHECK(gathered % channels == 0, "{} gathered channels cannot be averaged to {}", gathered, channels);
  if (channels_last(x))
    if (const auto groups = groups_of(x.size(1), factors, gathered / channels)) return average_last(filled, *groups, factors);
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
  const auto groups = channels_last(x) ? groups_of(channels, factors, spread / x.size(1)) : std::nullopt;
  const at::Tensor repeated = groups ? duplicate_last(x, channels, *groups, factors)
                                     : x.unsqueeze(2)
                                           .expand({-1, -1, spread / x.size(1), -1, -1, -1})
                                           .flatten(1, 2)
                                           .unflatten(1, {channels, factors.time, factors.space, factors.space})
                                           .permute({0, 1, 5, 2, 6, 3, 7, 4})  // [B, C, T, ft, H, fs, W, fs]
                                           .flatten(6, 7)
                                           .flatten(4, 5)
                                           .flatten(2, 3);
  const std::int64_t dropped = first_chunk ? factors.time - 1 : 0;
  return take_frames(repeated, dropped, repeated.size(2) - dropped);
}

}  // namespace wan::vae
