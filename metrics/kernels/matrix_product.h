// Single-precision matrix products whose left side need not be a matrix in memory: a row is several runs of consecutive numbers, so that
// a convolution over [height, width, channels] is a product without a copy of its windows.
//
// Each result is one chain of fused multiply-adds in the order of the row, whatever the level, the number of rows and where the row stands
// among them: equal rows give equal bits. The AVX levels use the instruction, the baseline emulates it where the machine has none.
#pragma once

#include <cstddef>
#include <vector>

#include "metrics/kernels/simd.h"

namespace wan::metrics {

// Columns of the right side that lie together: [columns / 16][depth][16].
inline constexpr std::size_t kPanel = 16;

struct Product {
  const float* left = nullptr;  // element (row, run, k) at row * row_stride + run * run_stride + k
  std::size_t row_stride = 0;   // floats
  std::size_t runs = 1, run_stride = 0;
  std::size_t run_length = 0;         // runs * run_length is the depth
  const float* right = nullptr;       // panels
  const float* bias = nullptr;        // [columns]; with it the result is max(0, sum + bias), without it the sum
  std::size_t rows = 0, columns = 0;  // columns a multiple of kPanel
  float* out = nullptr;               // [rows, columns], rows out_stride apart
  std::size_t out_stride = 0;
};

struct MatrixProductKernels {
  void (*multiply)(const Product& product);
};
const MatrixProductKernels& matrix_product_kernels(Simd level);

// [depth][columns] to panels.
std::vector<float> to_panels(const std::vector<float>& right, std::size_t columns);

}  // namespace wan::metrics
