// Rotary position tables over (frame, row, column) (wan.md 2.3).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace wan::model {

struct RopeTables {
  at::Tensor cosine;  // [L, head_dim / 2] float32
  at::Tensor sine;    // [L, head_dim / 2] float32
};

// Token order: frame, row, column, the column fastest. Angles in float64, stored as float32.
RopeTables make_rope_tables(std::int64_t frames, std::int64_t rows, std::int64_t columns, std::int64_t head_dim, at::Device device);

}  // namespace wan::model
