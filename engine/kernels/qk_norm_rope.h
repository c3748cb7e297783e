// One pass over query or key: y = x * rsqrt(mean(x^2) + eps) * weight over the whole width, then each head's pairs turned by the row's
// angles. Floor: rows * d * (bytes in + bytes out) over the card's copy bandwidth.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "engine/kernels/element.h"

namespace wan::kernels {

struct QkNormRopeArgs {
  const void* x = nullptr;  // [batch, length, d], rows dense
  Element type = Element::float32;
  std::int64_t batch_stride = 0, row_stride = 0;  // elements
  const float* weight = nullptr;                  // [d]
  const float* cosine = nullptr;                  // [length, head_dim / 2], or null: no turning
  const float* sine = nullptr;
  void* y = nullptr;  // [batch, length, d] dense, of x's type
  std::int64_t batch = 0, length = 0;
  std::int32_t d = 0, head_dim = 0;  // head_dim is even
  float eps = 1e-6F;
};

// d divides by 4 and is at most this; pointers and strides are aligned to four elements.
inline constexpr std::int32_t kQkNormRopeMaxWidth = 8192;

cudaError_t launch_qk_norm_rope(const QkNormRopeArgs& args, cudaStream_t stream);

// Its gradients. Those of the weight are summed in a fixed order: each block writes its own, the caller adds them.
struct QkNormRopeBackwardArgs {
  QkNormRopeArgs forward;                                 // without y
  const void* d_y = nullptr;                              // [batch, length, heads, head_dim] in any order of the first three, of x's type
  std::int64_t d_y_batch = 0, d_y_row = 0, d_y_head = 0;  // strides, elements; even
  void* d_x = nullptr;                                    // [batch, length, d] dense, of x's type
  float* d_weight = nullptr;                              // [blocks, d]
  std::int32_t blocks = 1;
};

inline constexpr std::int32_t kQkNormRopeBackwardMaxWidth = 512;

cudaError_t launch_qk_norm_rope_backward(const QkNormRopeBackwardArgs& args, cudaStream_t stream);

}  // namespace wan::kernels
