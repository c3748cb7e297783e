#include "engine/kernels/residual_norm_modulate.h"
#include "engine/kernels/rows.cuh"

namespace wan::kernels {
namespace {

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
  for_block(args.d, static_cast<unsigned>(args.rows),
            [&](auto pieces, unsigned blocks, int threads) { residual_norm_modulate<pieces.value><<<blocks, threads, 0, stream>>>(args); });
  return cudaGetLastError();
}

}  // namespace wan::kernels
