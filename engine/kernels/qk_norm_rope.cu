#include "engine/kernels/qk_norm_rope.h"
#include "engine/kernels/rows.cuh"

namespace wan::kernels {
namespace {

// One block a row, which stays in registers: kPieces vectors a thread.
template <int kPieces>
__global__ void qk_norm_rope(QkNormRopeArgs a) {
  __shared__ float shared[32];
  const std::int64_t row = blockIdx.x, clip = row / a.length, place = row % a.length;
  const std::int64_t from = clip * a.batch_stride + place * a.row_stride;
  Four x[kPieces];
  float squares = 0;
#pragma unroll
  for (int p = 0; p < kPieces; ++p) {
    const int i = (p * static_cast<int>(blockDim.x) + static_cast<int>(threadIdx.x)) * kVector;
    if (i >= a.d) continue;
    x[p] = load(a.x, a.type, from + i);
    for (int k = 0; k < kVector; ++k) squares += x[p].v[k] * x[p].v[k];
  }
  const float inverse = rsqrtf(block_sum(squares, shared) / static_cast<float>(a.d) + a.eps);
  const int half = a.head_dim / 2;
#pragma unroll
  for (int p = 0; p < kPieces; ++p) {
    const int i = (p * static_cast<int>(blockDim.x) + static_cast<int>(threadIdx.x)) * kVector;
    if (i >= a.d) continue;
    const Four w = load(a.weight, Element::float32, i);
    Four y;
    for (int k = 0; k < kVector; ++k) y.v[k] = x[p].v[k] * inverse * w.v[k];
    if (a.cosine)
      for (int k = 0; k < kVector; k += 2) {
        const std::int64_t angle = place * half + (i + k) % a.head_dim / 2;
        const float cosine = a.cosine[angle], sine = a.sine[angle], first = y.v[k], second = y.v[k + 1];
        y.v[k] = first * cosine - second * sine;
        y.v[k + 1] = first * sine + second * cosine;
      }
    store(a.y, a.type, row * a.d + i, y);
  }
}

constexpr int kWarps = 8;

// One warp a row; a block takes every blocks-th eight of them.
template <int kPairs>
__global__ void __launch_bounds__(32 * kWarps) qk_norm_rope_backward(QkNormRopeBackwardArgs b) {
  extern __shared__ float shared[];
  const QkNormRopeArgs& a = b.forward;
  const int half = a.head_dim / 2;
  const float width = static_cast<float>(a.d);
  float2 weight[kPairs], weights[kPairs];
#pragma unroll
  for (int p = 0; p < kPairs; ++p) {
    weights[p] = weight[p] = make_float2(0, 0);
    if (const int i = column_of(p); i < a.d) weight[p] = load_pair(a.weight, Element::float32, i);
  }
  const std::int64_t rows = a.batch * a.length;
  for (std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * kWarps + threadIdx.x / 32; row < rows;
       row += static_cast<std::int64_t>(gridDim.x) * kWarps) {
    const std::int64_t clip = row / a.length, place = row % a.length;
    const std::int64_t from = clip * a.batch_stride + place * a.row_stride, gradient = clip * b.d_y_batch + place * b.d_y_row;
    float2 x[kPairs], g[kPairs];
    float squares = 0, product = 0;
#pragma unroll
    for (int p = 0; p < kPairs; ++p) {
      const int i = column_of(p);
      x[p] = g[p] = make_float2(0, 0);
      if (i >= a.d) continue;
      x[p] = load_pair(a.x, a.type, from + i);
      g[p] = load_pair(b.d_y, a.type, gradient + i / a.head_dim * b.d_y_head + i % a.head_dim);
      if (a.cosine) {  // turned back
        const std::int64_t angle = place * half + i % a.head_dim / 2;
        const float cosine = a.cosine[angle], sine = a.sine[angle];
        g[p] = make_float2(g[p].x * cosine + g[p].y * sine, g[p].y * cosine - g[p].x * sine);
      }
      squares += x[p].x * x[p].x + x[p].y * x[p].y;
      product += g[p].x * weight[p].x * x[p].x + g[p].y * weight[p].y * x[p].y;
    }
    const float inverse = rsqrtf(warp_sum(squares) / width + a.eps);
    const float back = warp_sum(product) / width * inverse * inverse * inverse;
#pragma unroll
    for (int p = 0; p < kPairs; ++p) {
      const int i = column_of(p);
      if (i >= a.d) continue;
      weights[p].x += g[p].x * x[p].x * inverse;
      weights[p].y += g[p].y * x[p].y * inverse;
      store_pair(b.d_x, a.type, row * a.d + i,
                 make_float2(g[p].x * weight[p].x * inverse - x[p].x * back, g[p].y * weight[p].y * inverse - x[p].y * back));
    }
  }
  store_column_sums(weights, a.d, shared, b.d_weight + static_cast<std::int64_t>(blockIdx.x) * a.d);
}

}  // namespace

cudaError_t launch_qk_norm_rope(const QkNormRopeArgs& args, cudaStream_t stream) {
  if (args.batch * args.length == 0) return cudaSuccess;
  if (args.d % kVector != 0 || args.d < kVector || args.d > kQkNormRopeMaxWidth || args.head_dim % 2 != 0 || args.d % args.head_dim != 0)
    return cudaErrorInvalidValue;
  for_block(args.d, static_cast<unsigned>(args.batch * args.length),
            [&](auto pieces, unsigned blocks, int threads) { qk_norm_rope<pieces.value><<<blocks, threads, 0, stream>>>(args); });
  return cudaGetLastError();
}

cudaError_t launch_qk_norm_rope_backward(const QkNormRopeBackwardArgs& args, cudaStream_t stream) {
  const QkNormRopeArgs& forward = args.forward;
  if (forward.batch * forward.length == 0) return cudaSuccess;
  if (forward.d % 2 != 0 || forward.d < 2 || forward.d > kQkNormRopeBackwardMaxWidth || forward.head_dim % 2 != 0 || args.blocks < 1)
    return cudaErrorInvalidValue;
  const std::size_t bytes = kWarps * static_cast<std::size_t>(forward.d) * sizeof(float);
  for_width(forward.d, [&](auto pairs) {
    qk_norm_rope_backward<pairs.value><<<static_cast<unsigned>(args.blocks), 32 * kWarps, bytes, stream>>>(args);
  });
  return cudaGetLastError();
}

}  // namespace wan::kernels
