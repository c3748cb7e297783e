// How the kernels of this room read and write rows of float32 or bfloat16, and add over them; all arithmetic is float32.
#pragma once

#include <cuda_bf16.h>

#include <cstdint>
#include <type_traits>

#include "engine/kernels/element.h"

namespace wan::kernels {

constexpr int kVector = 4;  // elements a thread moves at once: 16 bytes of float32, 8 of bfloat16

struct Four {
  float v[kVector];
};

inline __device__ Four load(const void* base, Element type, std::int64_t i) {
  Four out;
  if (type == Element::float32) {
    const float4 x = *reinterpret_cast<const float4*>(static_cast<const float*>(base) + i);
    out.v[0] = x.x, out.v[1] = x.y, out.v[2] = x.z, out.v[3] = x.w;
  } else {
    const uint2 x = *reinterpret_cast<const uint2*>(static_cast<const __nv_bfloat16*>(base) + i);
    const float2 low = __bfloat1622float2(reinterpret_cast<const __nv_bfloat162&>(x.x));
    const float2 high = __bfloat1622float2(reinterpret_cast<const __nv_bfloat162&>(x.y));
    out.v[0] = low.x, out.v[1] = low.y, out.v[2] = high.x, out.v[3] = high.y;
  }
  return out;
}

inline __device__ void store(void* base, Element type, std::int64_t i, const Four& x) {
  if (type == Element::float32) {
    *reinterpret_cast<float4*>(static_cast<float*>(base) + i) = make_float4(x.v[0], x.v[1], x.v[2], x.v[3]);
  } else {
    uint2 packed;
    reinterpret_cast<__nv_bfloat162&>(packed.x) = __floats2bfloat162_rn(x.v[0], x.v[1]);
    reinterpret_cast<__nv_bfloat162&>(packed.y) = __floats2bfloat162_rn(x.v[2], x.v[3]);
    *reinterpret_cast<uint2*>(static_cast<__nv_bfloat16*>(base) + i) = packed;
  }
}

// Two elements at i, which is even; and back.
inline __device__ float2 load_pair(const void* base, Element type, std::int64_t i) {
  if (type == Element::float32) return *reinterpret_cast<const float2*>(static_cast<const float*>(base) + i);
  return __bfloat1622float2(*reinterpret_cast<const __nv_bfloat162*>(static_cast<const __nv_bfloat16*>(base) + i));
}

inline __device__ void store_pair(void* base, Element type, std::int64_t i, float2 x) {
  if (type == Element::float32)
    *reinterpret_cast<float2*>(static_cast<float*>(base) + i) = x;
  else
    *reinterpret_cast<__nv_bfloat162*>(static_cast<__nv_bfloat16*>(base) + i) = __floats2bfloat162_rn(x.x, x.y);
}

inline __device__ float warp_sum(float x) {
  for (int offset = 16; offset > 0; offset /= 2) x += __shfl_xor_sync(0xffffffffU, x, offset);
  return x;
}

// The sum over the block, given to every thread. `shared` holds one float a warp.
inline __device__ float block_sum(float x, float* shared) {
  x = warp_sum(x);
  const int warps = static_cast<int>(blockDim.x) / 32;
  if (warps == 1) return x;
  __syncthreads();  // the last use of `shared` is over
  if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = x;
  __syncthreads();
  float total = 0;
  for (int i = 0; i < warps; ++i) total += shared[i];
  return total;
}

// Where one block takes a row of d elements: calls launch(std::integral_constant<int, vectors a thread>, blocks, threads) with the fewest.
template <typename Launch>
void for_block(int d, unsigned blocks, const Launch& launch) {
  const int vectors = d / kVector, threads = vectors >= 256 ? 256 : (vectors + 31) / 32 * 32, pieces = (vectors + threads - 1) / threads;
  if (pieces <= 1) return launch(std::integral_constant<int, 1>(), blocks, threads);
  if (pieces <= 2) return launch(std::integral_constant<int, 2>(), blocks, threads);
  if (pieces <= 3) return launch(std::integral_constant<int, 3>(), blocks, threads);
  if (pieces <= 4) return launch(std::integral_constant<int, 4>(), blocks, threads);
  if (pieces <= 5) return launch(std::integral_constant<int, 5>(), blocks, threads);
  launch(std::integral_constant<int, 8>(), blocks, threads);
}

// Where one warp takes a row, lane l holds the pairs l, l + 32, ...: column of the first element of its p-th pair.
inline __device__ int column_of(int p) { return 2 * (32 * p + static_cast<int>(threadIdx.x) % 32); }

// Sums by column over the warps of a block: each warp brings its own in `pairs`, the block's go to out [d]. `shared` holds d floats a warp.
template <int kPairs>
__device__ void store_column_sums(const float2 (&pairs)[kPairs], int d, float* shared, float* out) {
  const int warp = static_cast<int>(threadIdx.x) / 32, warps = static_cast<int>(blockDim.x) / 32;
  __syncthreads();  // the last use of `shared` is over
#pragma unroll
  for (int p = 0; p < kPairs; ++p)
    if (const int i = column_of(p); i < d) *reinterpret_cast<float2*>(shared + warp * d + i) = pairs[p];
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < d; i += static_cast<int>(blockDim.x)) {
    float sum = 0;
    for (int w = 0; w < warps; ++w) sum += shared[w * d + i];
    out[i] = sum;
  }
}

// Calls launch(std::integral_constant<int, pairs a lane>) with the fewest that hold a row of d columns, d <= 512.
template <typename Launch>
void for_width(int d, const Launch& launch) {
  const int pairs = (d + 63) / 64;
  if (pairs <= 1) return launch(std::integral_constant<int, 1>());
  if (pairs <= 2) return launch(std::integral_constant<int, 2>());
  if (pairs <= 3) return launch(std::integral_constant<int, 3>());
  if (pairs <= 4) return launch(std::integral_constant<int, 4>());
  launch(std::integral_constant<int, 8>());
}

}  // namespace wan::kernels
