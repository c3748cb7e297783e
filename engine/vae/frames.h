// Rearrangements of [B, C, T, H, W] without weights: frames into the batch and back, pixels into channels and back, and the parameter-free
// shortcuts of the residual architecture. Channels-last in, channels-last out, and so for
// gradients; each takes one copy at most.
#pragma once

#include <cstdint>

namespace at {
class Tensor;
}

namespace wan::vae {

at::Tensor zero_frames(const at::Tensor& x, std::int64_t frames);                     // such as could stand in front of x
at::Tensor take_frames(const at::Tensor& x, std::int64_t start, std::int64_t count);  // a view
at::Tensor fold_frames(const at::Tensor& x);                                          // [B, C, T, H, W] -> [B T, C, H, W]
at::Tensor unfold_frames(const at::Tensor& images, std::int64_t batch);               // its inverse

// Channels [0, C) become the even frames, [C, 2C) the odd ones: [B, 2C, T, H, W] -> [B, C, 2T, H, W].
at::Tensor interleave_frames(const at::Tensor& x);

// Each pixel becomes 2 x 2 equal ones: [B, C, T, 2H, 2W].
at::Tensor enlarge_frames(const at::Tensor& x);

// Cells of size x size pixels become channels; inside a cell the column varies slower than the row. [B, C, T, H, W] -> [B, C s s, T, H/s,
// W/s].
at::Tensor patchify(const at::Tensor& x, std::int64_t size);
at::Tensor unpatchify(const at::Tensor& x, std::int64_t size);

struct Factors {
  std::int64_t time = 1;
  std::int64_t space = 1;
};

// Cells of (time, space, space) become channels, whose consecutive groups are averaged down to `channels`. A frame count that `time` does
// not divide is filled with zero frames in front.
at::Tensor average_down(const at::Tensor& x, std::int64_t channels, Factors factors);
// Channels are repeated and spread over cells of (time, space, space). At the start of a sequence the first time - 1 frames are dropped.
at::Tensor duplicate_up(const at::Tensor& x, std::int64_t channels, Factors factors, bool first_chunk);

}  // namespace wan::vae
