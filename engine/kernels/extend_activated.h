// What stands in front of the VAE's convolutions, on rows of C contiguous channels: each clip's frames before, then
// SiLU(x / max(|x|, 1e-12) * sqrt(C) * gamma). Everything is computed in float32 and rounded once. The backward pass computes norm and SiLU
// anew from x, so that nothing else need be kept.
// Floor over the card's copy bandwidth, in elements moved: forward (rows of history and x in, rows of both out) * C; backward (rows of x
// and of its part of the gradient in, rows of x out) * C. Partial sums of gamma's gradient and its own kernel add a few microseconds.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "engine/kernels/element.h"

namespace wan::kernels {

// Rows of `channels` elements, `clips` times: `before` rows of history, then `rows` of x. Channels fill whole pieces of 16 bytes and are at
// most kExtendActivatedMaxWidth; all rows together are fewer than 2^31; every tensor but gamma and its gradient is aligned to 16 bytes.
struct ExtendedRows {
  std::int64_t clips = 0, before = 0, rows = 0;
  std::int32_t channels = 0;
  Element type = Element::bfloat16;        // of all rows
  Element gamma_type = Element::bfloat16;  // of gamma and its gradient; float32 where rows are
};

inline constexpr std::int32_t kExtendActivatedMaxWidth = 1024;

struct ExtendActivatedArgs {
  ExtendedRows shape;
  const void* history = nullptr;  // [clips, before, C], null: zeros
  const void* x = nullptr;        // [clips, rows, C]
  const void* gamma = nullptr;    // [C]
  void* output = nullptr;         // [clips, before + rows, C]
};

cudaError_t launch_extend_activated(const ExtendActivatedArgs& args, cudaStream_t stream);

struct ExtendActivatedGradientArgs {
  ExtendedRows shape;
  const void* gradient = nullptr;  // of the output, [clips, before + rows, C]; that of the history is its first rows as they are
  const void* x = nullptr;         // [clips, rows, C]
  const void* gamma = nullptr;     // [C]
  void* x_gradient = nullptr;      // [clips, rows, C]
  float* partial = nullptr;        // scratch, [extend_activated_partials(shape), C]
  void* gamma_gradient = nullptr;  // [C]
};

// Blocks of the backward kernel, each of which leaves one row of partial sums. The shape alone decides, and so does the order of all sums.
std::int32_t extend_activated_partials(const ExtendedRows& shape);

cudaError_t launch_extend_activated_gradient(const ExtendActivatedGradientArgs& args, cudaStream_t stream);

}  // namespace wan::kernels
