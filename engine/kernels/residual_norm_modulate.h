// One pass over the residual stream between two GEMMs: x = residual + gate * update; y = LayerNorm(x) * (1 + scale) + shift.
// Floor: rows * d * (bytes in of residual and update + bytes out of x and y) over the card's copy bandwidth; arithmetic is negligible.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "engine/kernels/element.h"

namespace wan::kernels {

// Vectors of a group of rows (one clip of the batch): row r reads vector[(r / rows_per_group) * stride + i], stride 0 = the same for all.
struct RowVector {
  const float* data = nullptr;  // [groups or 1, d] float32, or null: left out
  std::int64_t stride = 0;
};

struct ResidualNormModulateArgs {
  const void* residual = nullptr;  // [rows, d]
  Element residual_type = Element::float32;
  const void* update = nullptr;  // [rows, d] or null
  Element update_type = Element::float32;
  RowVector gate, scale, shift;        // scale and shift together or not at all
  const float* norm_weight = nullptr;  // [d] or null, with norm_bias
  const float* norm_bias = nullptr;    // [d]
  float* residual_out = nullptr;       // [rows, d] float32, or null if x is the residual as it came
  void* output = nullptr;              // [rows, d]
  Element output_type = Element::float32;
  std::int64_t rows = 0, rows_per_group = 1;
  std::int32_t d = 0;
  float eps = 1e-6F;
};

// d divides by 4 and is at most this; every pointer is aligned to four of its elements.
inline constexpr std::int32_t kResidualNormModulateMaxWidth = 8192;

cudaError_t launch_residual_norm_modulate(const ResidualNormModulateArgs& args, cudaStream_t stream);

// The gradients of the above. Mean and deviation are computed again from x. What belongs to all rows of a group is summed in a fixed order:
// each block takes a part of a group's rows and writes its sums apart; the caller adds the parts.
// Floor: rows * d * (bytes in of x, update and both gradients + bytes out of both) over the card's copy bandwidth.
struct ResidualNormModulateBackwardArgs {
  const float* x = nullptr;        // [rows, d], the residual as it was handed on
  const void* d_output = nullptr;  // [rows, d]
  Element output_type = Element::float32;
  const float* d_residual = nullptr;  // [rows, d] or null: zeros
  const void* update = nullptr;       // [rows, d] or null
  Element update_type = Element::float32;
  RowVector gate, scale;
  const float* norm_weight = nullptr;  // [d] or null
  void* d_input = nullptr;             // [rows, d], of the residual as it came
  Element input_type = Element::float32;
  void* d_update = nullptr;  // [rows, d], with update; of its type
  // [rows / rows_per_group, parts, d] each or null. With a norm_weight those of scale and shift are its own and its bias's, by group.
  float *d_gate = nullptr, *d_scale = nullptr, *d_shift = nullptr;
  std::int64_t rows = 0, rows_per_group = 1;
  std::int32_t parts = 1, d = 0;  // d is even and at most kBackwardMaxWidth
  float eps = 1e-6F;
};

inline constexpr std::int32_t kBackwardMaxWidth = 512;

cudaError_t launch_residual_norm_modulate_backward(const ResidualNormModulateBackwardArgs& args, cudaStream_t stream);

}  // namespace wan::kernels
