#include <cuda_bf16.h>

#include "engine/kernels/residual_norm_modulate.h"

namespace wan::kernels {
namespace {

constexpr int kVector = 4;  // elements a thread moves at once: 16 bytes of float32, 8 of bfloat16

struct Four {
  float v[kVector];
};

__device__ Four load(const void* base, Element type, std::int64_t i) {
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

__device__ void store(void* base, Element type, std::int64_t i, const Four& x) {
  if (type == Element::float32) {
    *reinterpret_cast<float4*>(static_cast<float*>(base) + i) = make_float4(x.v[0], x.v[1], x.v[2], x.v[3]);
  } else {
    uint2 packed;
    reinterpret_cast<__nv_bfloat162&>(packed.x) = __floats2bfloat162_rn(x.v[0], x.v[1]);
    reinterpret_cast<__nv_bfloat162&>(packed.y) = __floats2bfloat162_rn(x.v[2], x.v[3]);
    *reinterpret_cast<uint2*>(static_cast<__nv_bfloat16*>(base) + i) = packed;
  }
}

// The sum over the block, given to every thread. `shared` holds one float a warp.
__device__ float block_sum(float x, float* shared) {
  for (int offset = 16; offset > 0; offset /= 2) x += __shfl_xor_sync(0xffffffffU, x, offset);
  const int warps = static_cast<int>(blockDim.x) / 32;
  if (warps == 1) return x;
  __syncthreads();  // the last use of `shared` is over
  if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = x;
  __syncthreads();
  float total = 0;
  for (int i = 0; i < warps; ++i) total += shared[i];
  return total;
}

// One block a row. The row stays in registers: kPieces vectors a thread, so mean and variance take two passes without reading memory again.
template <int kPieces>
__global__ void residual_norm_modulate(ResidualNormModulateArgs a) {
  __shared__ float shared[32];
  const std::int64_t row = blockIdx.x, group = row / a.rows_per_group;
  Four x[kPieces];  // [d] of the row, spread over the block
  float sum = 0;
#pragma unroll
  for (int p = 0; p < kPieces; ++p) {
    const int i = (p * static_cast<int>(blockDim.x) + static_cast<int>(threadIdx.x)) * kVector;
    if (i >= a.d) continue;
    x[p] = load(a.residual, a.residual_type, row * a.d + i);
    if (a.update) {
      const Four u = load(a.update, a.update_type, row * a.d + i);
      const Four g = a.gate.data ? load(a.gate.data, Element::float32, group * a.gate.stride + i) : Four{{1, 1, 1, 1}};
      for (int k = 0; k < kVector; ++k) x[p].v[k] += g.v[k] * u.v[k];
    }
    if (a.residual_out) store(a.residual_out, Element::float32, row * a.d + i, x[p]);
    for (int k = 0; k < kVector; ++k) sum += x[p].v[k];
  }
  const float mean = block_sum(sum, shared) / static_cast<float>(a.d);
  float squares = 0;
#pragma unroll
  for (int p = 0; p < kPieces; ++p) {
    const int i = (p * static_cast<int>(blockDim.x) + static_cast<int>(threadIdx.x)) * kVector;
    if (i >= a.d) continue;
    for (int k = 0; k < kVector; ++k) squares += (x[p].v[k] - mean) * (x[p].v[k] - mean);
  }
  const float inverse = rsqrtf(block_sum(squares, shared) / static_cast<float>(a.d) + a.eps);
#pragma unroll
  for (int p = 0; p < kPieces; ++p) {
    const int i = (p * static_cast<int>(blockDim.x) + static_cast<int>(threadIdx.x)) * kVector;
    if (i >= a.d) continue;
    Four y;
    for (int k = 0; k < kVector; ++k) y.v[k] = (x[p].v[k] - mean) * inverse;
    if (a.norm_weight) {
      const Four w = load(a.norm_weight, Element::float32, i), b = load(a.norm_bias, Element::float32, i);
      for (int k = 0; k < kVector; ++k) y.v[k] = y.v[k] * w.v[k] + b.v[k];
    }
    if (a.scale.data) {
      const Four s = load(a.scale.data, Element::float32, group * a.scale.stride + i);
      const Four t = load(a.shift.data, Element::float32, group * a.shift.stride + i);
      for (int k = 0; k < kVector; ++k) y.v[k] = y.v[k] * (1.0F + s.v[k]) + t.v[k];
    }
    store(a.output, a.output_type, row * a.d + i, y);
  }
}

}  // namespace

cudaError_t launch_residual_norm_modulate(const ResidualNormModulateArgs& args, cudaStream_t stream) {
  if (args.rows == 0) return cudaSuccess;
  if (args.d % kVector != 0 || args.d < kVector || args.d > kResidualNormModulateMaxWidth) return cudaErrorInvalidValue;
  const int vectors = args.d / kVector;
  const int threads = vectors >= 256 ? 256 : (vectors + 31) / 32 * 32;
  const int pieces = (vectors + threads - 1) / threads;
  const auto blocks = static_cast<unsigned>(args.rows);
  switch (pieces) {
    case 1:
      residual_norm_modulate<1><<<blocks, threads, 0, stream>>>(args);
      break;
    case 2:
      residual_norm_modulate<2><<<blocks, threads, 0, stream>>>(args);
      break;
    case 3:
      residual_norm_modulate<3><<<blocks, threads, 0, stream>>>(args);
      break;
    case 4:
      residual_norm_modulate<4><<<blocks, threads, 0, stream>>>(args);
      break;
    case 5:
      residual_norm_modulate<5><<<blocks, threads, 0, stream>>>(args);
      break;
    default:
      residual_norm_modulate<8><<<blocks, threads, 0, stream>>>(args);
      break;
  }
  return cudaGetLastError();
}

}  // namespace wan::kernels
