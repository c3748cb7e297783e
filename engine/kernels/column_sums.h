// The sums of a matrix by column, as a bias's gradient is one: in two steps of fixed order.
// Floor: rows * columns * bytes of an element over the card's copy bandwidth.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "engine/kernels/element.h"

namespace wan::kernels {

struct ColumnSumsArgs {
  const void* x = nullptr;  // [rows, columns] dense, aligned to two elements
  Element type = Element::float32;
  std::int64_t rows = 0;
  std::int32_t columns = 0;  // even
  float* parts = nullptr;    // [column_sum_parts(rows), columns], scratch
  void* sums = nullptr;      // [columns], of x's type
};

std::int64_t column_sum_parts(std::int64_t rows);

cudaError_t launch_column_sums(const ColumnSumsArgs& args, cudaStream_t stream);

}  // namespace wan::kernels
