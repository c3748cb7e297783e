#include <algorithm>

#include "engine/kernels/column_sums.h"
#include "engine/kernels/rows.cuh"

namespace wan::kernels {
namespace {

constexpr int kLines = 8;  // rows, or parts, that a block adds at a time: one a warp

// `sums` of the block's 64 columns, brought by each warp, to the first warp.
__device__ float2 over_warps(float2 sum, float2 (*shared)[32]) {
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  shared[warp][lane] = sum;
  __syncthreads();
  if (warp == 0)
    for (int w = 1; w < kLines; ++w) sum.x += shared[w][lane].x, sum.y += shared[w][lane].y;
  return sum;
}

// The sums over rows `first`, `first + kLines`, ... of one pair of columns.
__device__ float2 down(const void* x, Element type, std::int64_t first, std::int64_t last, int columns, int i) {
  float2 sum = make_float2(0, 0);
#pragma unroll 4
  for (std::int64_t row = first; row < last; row += kLines) {
    const float2 value = load_pair(x, type, row * columns + i);
    sum.x += value.x, sum.y += value.y;
  }
  return sum;
}

__global__ void sum_parts(ColumnSumsArgs a) {
  __shared__ float2 shared[kLines][32];
  const int i = 64 * static_cast<int>(blockIdx.x) + column_of(0);
  const std::int64_t part = blockIdx.y, parts = gridDim.y, first = part * a.rows / parts, last = (part + 1) * a.rows / parts;
  float2 sum = make_float2(0, 0);
  if (i < a.columns) sum = down(a.x, a.type, first + threadIdx.x / 32, last, a.columns, i);
  sum = over_warps(sum, shared);
  if (threadIdx.x < 32 && i < a.columns) store_pair(a.parts, Element::float32, part * a.columns + i, sum);
}

__global__ void sum_all(ColumnSumsArgs a, std::int64_t parts) {
  __shared__ float2 shared[kLines][32];
  const int i = 64 * static_cast<int>(blockIdx.x) + column_of(0);
  float2 sum = make_float2(0, 0);
  if (i < a.columns) sum = down(a.parts, Element::float32, threadIdx.x / 32, parts, a.columns, i);
  sum = over_warps(sum, shared);
  if (threadIdx.x < 32 && i < a.columns) store_pair(a.sums, a.type, i, sum);
}

}  // namespace

std::int64_t column_sum_parts(std::int64_t rows) { return std::clamp<std::int64_t>(rows / (8 * kLines), 1, 128); }

cudaError_t launch_column_sums(const ColumnSumsArgs& args, cudaStream_t stream) {
  if (args.columns % 2 != 0) return cudaErrorInvalidValue;
  const std::int64_t parts = column_sum_parts(args.rows);
  const auto across = static_cast<unsigned>((args.columns + 63) / 64);
  sum_parts<<<dim3(across, static_cast<unsigned>(parts)), 32 * kLines, 0, stream>>>(args);
  sum_all<<<across, 32 * kLines, 0, stream>>>(args, parts);
  return cudaGetLastError();
}

}  // namespace wan::kernels
