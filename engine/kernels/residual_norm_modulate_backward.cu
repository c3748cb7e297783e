#include "engine/kernels/residual_norm_modulate.h"
#include "engine/kernels/rows.cuh"

namespace wan::kernels {
namespace {

constexpr int kWarps = 8;

__device__ float2 vector_pair(const RowVector& vector, std::int64_t group, int i) {
  return load_pair(vector.data, Element::float32, group * vector.stride + i);
}

// One warp a row; a block takes the rows of one part of one group.
template <int kPairs>
__global__ void __launch_bounds__(32 * kWarps) residual_norm_modulate_backward(ResidualNormModulateBackwardArgs a) {
  extern __shared__ float shared[];
  const std::int64_t group = blockIdx.x / static_cast<unsigned>(a.parts), part = blockIdx.x % static_cast<unsigned>(a.parts);
  const std::int64_t begin = group * a.rows_per_group;
  const std::int64_t first = begin + part * a.rows_per_group / a.parts, last = begin + (part + 1) * a.rows_per_group / a.parts;
  const float width = static_cast<float>(a.d);
  float2 gate[kPairs], factor[kPairs], gates[kPairs], scales[kPairs], shifts[kPairs];
#pragma unroll
  for (int p = 0; p < kPairs; ++p) {
    gates[p] = scales[p] = shifts[p] = make_float2(0, 0);
    gate[p] = factor[p] = make_float2(1, 1);
    const int i = column_of(p);
    if (i >= a.d) continue;
    if (a.gate.data) gate[p] = vector_pair(a.gate, group, i);
    if (a.norm_weight) factor[p] = load_pair(a.norm_weight, Element::float32, i);
    if (a.scale.data) {
      const float2 scale = vector_pair(a.scale, group, i);
      factor[p] = make_float2(1 + scale.x, 1 + scale.y);
    }
  }
  for (std::int64_t row = first + threadIdx.x / 32; row < last; row += kWarps) {
    float2 x[kPairs], g[kPairs];  // x becomes the normed value
    float sum = 0;
#pragma unroll
    for (int p = 0; p < kPairs; ++p) {
      const int i = column_of(p);
      x[p] = g[p] = make_float2(0, 0);
      if (i >= a.d) continue;
      x[p] = load_pair(a.x, Element::float32, row * a.d + i);
      g[p] = load_pair(a.d_output, a.output_type, row * a.d + i);
      sum += x[p].x + x[p].y;
    }
    const float mean = warp_sum(sum) / width;
    float squares = 0;
#pragma unroll
    for (int p = 0; p < kPairs; ++p) {
      if (column_of(p) >= a.d) continue;
      x[p] = make_float2(x[p].x - mean, x[p].y - mean);
      squares += x[p].x * x[p].x + x[p].y * x[p].y;
    }
    const float inverse = rsqrtf(warp_sum(squares) / width + a.eps);
    float one = 0, two = 0;  // sums of the normed value's gradient, and of it times the value
#pragma unroll
    for (int p = 0; p < kPairs; ++p) {
      x[p] = make_float2(x[p].x * inverse, x[p].y * inverse);
      shifts[p].x += g[p].x, shifts[p].y += g[p].y;
      scales[p].x += g[p].x * x[p].x, scales[p].y += g[p].y * x[p].y;
      g[p] = make_float2(g[p].x * factor[p].x, g[p].y * factor[p].y);
      one += g[p].x + g[p].y;
      two += g[p].x * x[p].x + g[p].y * x[p].y;
    }
    one = warp_sum(one) / width;
    two = warp_sum(two) / width;
#pragma unroll
    for (int p = 0; p < kPairs; ++p) {
      const int i = column_of(p);
      if (i >= a.d) continue;
      float2 dx = make_float2(inverse * (g[p].x - one - x[p].x * two), inverse * (g[p].y - one - x[p].y * two));
      if (a.d_residual) {
        const float2 more = load_pair(a.d_residual, Element::float32, row * a.d + i);
        dx.x += more.x, dx.y += more.y;
      }
      store_pair(a.d_input, a.input_type, row * a.d + i, dx);
      if (!a.update) continue;
      if (a.d_gate) {
        const float2 u = load_pair(a.update, a.update_type, row * a.d + i);
        gates[p].x += dx.x * u.x, gates[p].y += dx.y * u.y;
      }
      store_pair(a.d_update, a.update_type, row * a.d + i, make_float2(dx.x * gate[p].x, dx.y * gate[p].y));
    }
  }
  const std::int64_t place = static_cast<std::int64_t>(blockIdx.x) * a.d;
  if (a.d_gate) store_column_sums(gates, a.d, shared, a.d_gate + place);
  if (a.d_scale) store_column_sums(scales, a.d, shared, a.d_scale + place);
  if (a.d_shift) store_column_sums(shifts, a.d, shared, a.d_shift + place);
}

}  // namespace

cudaError_t launch_residual_norm_modulate_backward(const ResidualNormModulateBackwardArgs& args, cudaStream_t stream) {
  if (args.rows == 0) return cudaSuccess;
  if (args.d % 2 != 0 || args.d < 2 || args.d > kBackwardMaxWidth || args.parts < 1 || args.rows % args.rows_per_group != 0)
    return cudaErrorInvalidValue;
  const auto blocks = static_cast<unsigned>(args.rows / args.rows_per_group * args.parts);
  const std::size_t bytes = kWarps * static_cast<std::size_t>(args.d) * sizeof(float);
  for_width(args.d, [&](auto pairs) { residual_norm_modulate_backward<pairs.value><<<blocks, 32 * kWarps, bytes, stream>>>(args); });
  return cudaGetLastError();
}

}  // namespace wan::kernels
