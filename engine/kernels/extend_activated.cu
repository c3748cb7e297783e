#include <cuda_bf16.h>

#include <type_traits>

#include "engine/kernels/extend_activated.h"

namespace wan::kernels {
namespace {

constexpr int kThreads = 256, kWarp = 32, kWarps = kThreads / kWarp;
constexpr float kSmallestNorm = 1e-12F;
constexpr std::int64_t kForwardBlocks = 4224;  // 32 a multiprocessor of an H100; threads go on to further rows
constexpr std::int64_t kBackwardBlocks = 528;  // 4: what fits at once, for each one leaves partial sums

// 16 bytes of a row, widened.
template <typename T>
constexpr int kWidth = 16 / static_cast<int>(sizeof(T));
template <typename T>
struct Piece {
  float v[kWidth<T>] = {};
};

template <typename T>
__device__ Piece<T> load(const T* from) {
  const uint4 raw = *reinterpret_cast<const uint4*>(from);
  const unsigned words[4] = {raw.x, raw.y, raw.z, raw.w};
  Piece<T> piece;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    if constexpr (std::is_same_v<T, float>) {
      piece.v[i] = __uint_as_float(words[i]);
    } else {
      piece.v[2 * i] = __uint_as_float(words[i] << 16);
      piece.v[2 * i + 1] = __uint_as_float(words[i] & 0xffff0000U);
    }
  }
  return piece;
}

template <typename T>
__device__ void store(T* to, const Piece<T>& piece) {
  unsigned words[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    if constexpr (std::is_same_v<T, float>) {
      words[i] = __float_as_uint(piece.v[i]);
    } else {
      const __nv_bfloat162 pair = __floats2bfloat162_rn(piece.v[2 * i], piece.v[2 * i + 1]);
      words[i] = reinterpret_cast<const unsigned&>(pair);
    }
  }
  *reinterpret_cast<uint4*>(to) = make_uint4(words[0], words[1], words[2], words[3]);
}

// By the element: gamma may lie anywhere in a larger buffer, and is read once a thread.
template <typename T>
__device__ Piece<T> load_gamma(const void* gamma, Element type, int channel) {
  Piece<T> piece;
#pragma unroll
  for (int k = 0; k < kWidth<T>; ++k)
    piece.v[k] = type == Element::float32 ? static_cast<const float*>(gamma)[channel + k]
                                          : __bfloat162float(static_cast<const __nv_bfloat16*>(gamma)[channel + k]);
  return piece;
}

// The fast exponential errs by some units in the last place of a float32, far below bfloat16's.
template <typename T>
__device__ float sigmoid(float z) {
  if constexpr (std::is_same_v<T, float>) return 1.0F / (1.0F + expf(-z));
  return __fdividef(1.0F, 1.0F + __expf(-z));
}

// The sum over `lanes` neighbouring threads, a power of two, given to each of them. Whole warps call it.
__device__ float sum_over(float x, int lanes) {
  for (int offset = lanes / 2; offset > 0; offset /= 2) x += __shfl_xor_sync(0xffffffffU, x, offset);
  return x;
}

// A row belongs to `lanes` neighbouring threads of a warp, each of which holds up to kPieces pieces of it: the p-th of lane l begins at
// channel (p * lanes + l) * kWidth. So a warp holds 32 / lanes rows that lie together. Its rows begin at first(); step() leads to its next.
struct Place {
  int lanes;
  __device__ int lane() const { return static_cast<int>(threadIdx.x) % lanes; }
  __device__ unsigned rows_a_warp() const { return static_cast<unsigned>(kWarp / lanes); }
  __device__ unsigned row_in_warp() const { return (threadIdx.x % kWarp) / static_cast<unsigned>(lanes); }
  __device__ unsigned first() const { return (blockIdx.x * kWarps + threadIdx.x / kWarp) * rows_a_warp(); }
  __device__ unsigned step() const { return gridDim.x * kWarps * rows_a_warp(); }
  template <typename T>
  __device__ int channel(int piece) const {
    return (piece * lanes + lane()) * kWidth<T>;
  }
};

template <typename T, int kPieces>
__global__ void __launch_bounds__(kThreads) extend_activated(ExtendActivatedArgs a, Place place) {
  const auto before = static_cast<unsigned>(a.shape.before), rows = static_cast<unsigned>(a.shape.rows), extended = before + rows;
  const unsigned total = static_cast<unsigned>(a.shape.clips) * extended;
  const int width = a.shape.channels;
  const float root = sqrtf(static_cast<float>(width));
  Piece<T> gamma[kPieces];
#pragma unroll
  for (int p = 0; p < kPieces; ++p)
    if (const int c = place.channel<T>(p); c < width) gamma[p] = load_gamma<T>(a.gamma, a.shape.gamma_type, c);
  // The bound is the warp's, not the row's: all of its threads take part in the sums.
  for (unsigned base = place.first(); base < total; base += place.step()) {
    const unsigned row = base + place.row_in_warp();
    const bool live = row < total;
    const unsigned clip = row / extended, inside = row - clip * extended;
    const bool remembered = inside < before;
    const T* from = nullptr;  // the row, [C]
    if (live && remembered && a.history)
      from = static_cast<const T*>(a.history) + (static_cast<std::int64_t>(clip) * before + inside) * width;
    else if (live && !remembered)
      from = static_cast<const T*>(a.x) + (static_cast<std::int64_t>(clip) * rows + (inside - before)) * width;
    Piece<T> x[kPieces];
    float squares = 0;
#pragma unroll
    for (int p = 0; p < kPieces; ++p) {
      if (const int c = place.channel<T>(p); from && c < width) x[p] = load(from + c);
#pragma unroll
      for (int k = 0; k < kWidth<T>; ++k) squares += x[p].v[k] * x[p].v[k];
    }
    const float factor = root / fmaxf(sqrtf(sum_over(squares, place.lanes)), kSmallestNorm);
#pragma unroll
    for (int p = 0; p < kPieces; ++p) {
      const int c = place.channel<T>(p);
      if (!live || c >= width) continue;
      if (!remembered) {
#pragma unroll
        for (int k = 0; k < kWidth<T>; ++k) {
          const float z = x[p].v[k] * factor * gamma[p].v[k];
          x[p].v[k] = z * sigmoid<T>(z);
        }
      }
      store(static_cast<T*>(a.output) + static_cast<std::int64_t>(row) * width + c, x[p]);
    }
  }
}

// With n = x / max(|x|, 1e-12), z = n sqrt(C) gamma and g the gradient of SiLU(z): dz = g s (1 + z (1 - s)) with s = sigmoid(z),
// dgamma = sum over rows of dz n sqrt(C), u = dz sqrt(C) gamma, dx = (u - n (u, n)) / max(|x|, 1e-12), the second term where the norm
// counts.
template <typename T, int kPieces>
__global__ void __launch_bounds__(kThreads) extend_activated_gradient(ExtendActivatedGradientArgs a, Place place) {
  extern __shared__ float shared[];  // [kWarps, C]
  const auto before = static_cast<unsigned>(a.shape.before), rows = static_cast<unsigned>(a.shape.rows);
  const unsigned total = static_cast<unsigned>(a.shape.clips) * rows;
  const int width = a.shape.channels;
  const float root = sqrtf(static_cast<float>(width));
  Piece<T> gamma[kPieces], sums[kPieces];
#pragma unroll
  for (int p = 0; p < kPieces; ++p)
    if (const int c = place.channel<T>(p); c < width) gamma[p] = load_gamma<T>(a.gamma, a.shape.gamma_type, c);
  for (unsigned base = place.first(); base < total; base += place.step()) {
    const unsigned row = base + place.row_in_warp();
    const bool live = row < total;
    const std::int64_t at = static_cast<std::int64_t>(row) * width;                                  // in x
    const std::int64_t from = (row + (static_cast<std::int64_t>(row / rows) + 1) * before) * width;  // in the gradient
    Piece<T> n[kPieces], u[kPieces];                                                                 // at first x and the gradient
    float squares = 0;
#pragma unroll
    for (int p = 0; p < kPieces; ++p) {
      if (const int c = place.channel<T>(p); live && c < width) {
        n[p] = load(static_cast<const T*>(a.x) + at + c);
        u[p] = load(static_cast<const T*>(a.gradient) + from + c);
      }
#pragma unroll
      for (int k = 0; k < kWidth<T>; ++k) squares += n[p].v[k] * n[p].v[k];
    }
    const float length = sqrtf(sum_over(squares, place.lanes));
    const float inverse = 1.0F / fmaxf(length, kSmallestNorm);
    float product = 0;
#pragma unroll
    for (int p = 0; p < kPieces; ++p) {
#pragma unroll
      for (int k = 0; k < kWidth<T>; ++k) {
        const float normal = n[p].v[k] * inverse, scaled = normal * root, z = scaled * gamma[p].v[k], s = sigmoid<T>(z);
        const float dz = u[p].v[k] * s * (1.0F + z * (1.0F - s));
        sums[p].v[k] += dz * scaled;
        n[p].v[k] = normal;
        u[p].v[k] = dz * root * gamma[p].v[k];
        product += u[p].v[k] * normal;
      }
    }
    product = sum_over(product, place.lanes);
    if (length < kSmallestNorm) product = 0;
#pragma unroll
    for (int p = 0; p < kPieces; ++p) {
      const int c = place.channel<T>(p);
      if (!live || c >= width) continue;
#pragma unroll
      for (int k = 0; k < kWidth<T>; ++k) u[p].v[k] = (u[p].v[k] - n[p].v[k] * product) * inverse;
      store(static_cast<T*>(a.x_gradient) + at + c, u[p]);
    }
  }
  // Threads whose places in the warp differ by a multiple of `lanes` hold the same channels of other rows.
#pragma unroll
  for (int p = 0; p < kPieces; ++p) {
    const int c = place.channel<T>(p);
#pragma unroll
    for (int k = 0; k < kWidth<T>; ++k) {
      float sum = sums[p].v[k];
      for (int offset = place.lanes; offset < kWarp; offset *= 2) sum += __shfl_xor_sync(0xffffffffU, sum, offset);
      if (place.row_in_warp() == 0 && c < width) shared[static_cast<int>(threadIdx.x / kWarp) * width + c + k] = sum;
    }
  }
  __syncthreads();
  for (int c = static_cast<int>(threadIdx.x); c < width; c += kThreads) {
    float sum = 0;
    for (int warp = 0; warp < kWarps; ++warp) sum += shared[warp * width + c];
    a.partial[static_cast<std::int64_t>(blockIdx.x) * width + c] = sum;
  }
}

// A block sums 32 columns of [partials, C].
__global__ void __launch_bounds__(kWarp* kWarp) sum_partials(const float* partial, int partials, int width, void* out, Element type) {
  __shared__ float shared[kWarp][kWarp + 1];
  const int c = static_cast<int>(blockIdx.x * kWarp + threadIdx.x);
  float sum = 0;
  if (c < width)
    for (int i = static_cast<int>(threadIdx.y); i < partials; i += kWarp) sum += partial[static_cast<std::int64_t>(i) * width + c];
  shared[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y != 0 || c >= width) return;
  sum = 0;
  for (int i = 0; i < kWarp; ++i) sum += shared[i][threadIdx.x];
  if (type == Element::float32)
    static_cast<float*>(out)[c] = sum;
  else
    static_cast<__nv_bfloat16*>(out)[c] = __float2bfloat16_rn(sum);
}

int pieces_of(const ExtendedRows& shape) {
  return shape.channels / (shape.type == Element::float32 ? kWidth<float> : kWidth<__nv_bfloat16>);
}

Place place_of(const ExtendedRows& shape) {
  int lanes = 1;
  while (lanes < pieces_of(shape) && lanes < kWarp) lanes *= 2;
  return {.lanes = lanes};
}

std::int64_t blocks_for(std::int64_t rows, const Place& place, std::int64_t most) {
  const std::int64_t rows_a_block = kThreads / place.lanes, needed = (rows + rows_a_block - 1) / rows_a_block;
  return needed < most ? needed : most;
}

bool takes(const ExtendedRows& shape) {
  const int width = shape.type == Element::float32 ? kWidth<float> : kWidth<__nv_bfloat16>;
  return shape.channels > 0 && shape.channels % width == 0 && shape.channels <= kExtendActivatedMaxWidth &&
         shape.clips * (shape.before + shape.rows) < (std::int64_t{1} << 31) &&
         (shape.type != Element::float32 || shape.gamma_type == Element::float32);
}

// Calls f<T, kPieces>() with the pieces that a thread holds of a row.
template <typename F>
void with_kernel(const ExtendedRows& shape, const Place& place, const F& f) {
  const int pieces = (pieces_of(shape) + place.lanes - 1) / place.lanes;
  if (shape.type == Element::bfloat16) {
    if (pieces <= 1)
      f.template operator()<__nv_bfloat16, 1>();
    else if (pieces <= 2)
      f.template operator()<__nv_bfloat16, 2>();
    else
      f.template operator()<__nv_bfloat16, 4>();
  } else {
    if (pieces <= 1)
      f.template operator()<float, 1>();
    else if (pieces <= 2)
      f.template operator()<float, 2>();
    else if (pieces <= 4)
      f.template operator()<float, 4>();
    else
      f.template operator()<float, 8>();
  }
}

}  // namespace

cudaError_t launch_extend_activated(const ExtendActivatedArgs& args, cudaStream_t stream) {
  if (!takes(args.shape)) return cudaErrorInvalidValue;
  const Place place = place_of(args.shape);
  const std::int64_t blocks = blocks_for(args.shape.clips * (args.shape.before + args.shape.rows), place, kForwardBlocks);
  if (blocks == 0) return cudaSuccess;
  with_kernel(args.shape, place, [&]<typename T, int kPieces>() {
    extend_activated<T, kPieces><<<static_cast<unsigned>(blocks), kThreads, 0, stream>>>(args, place);
  });
  return cudaGetLastError();
}

std::int32_t extend_activated_partials(const ExtendedRows& shape) {
  return static_cast<std::int32_t>(blocks_for(shape.clips * shape.rows, place_of(shape), kBackwardBlocks));
}

cudaError_t launch_extend_activated_gradient(const ExtendActivatedGradientArgs& args, cudaStream_t stream) {
  if (!takes(args.shape)) return cudaErrorInvalidValue;
  const Place place = place_of(args.shape);
  const std::int32_t partials = extend_activated_partials(args.shape), width = args.shape.channels;
  if (partials > 0) {
    const std::size_t shared_bytes = sizeof(float) * static_cast<std::size_t>(kWarps * width);  // at most 32 KiB
    with_kernel(args.shape, place, [&]<typename T, int kPieces>() {
      extend_activated_gradient<T, kPieces><<<static_cast<unsigned>(partials), kThreads, shared_bytes, stream>>>(args, place);
    });
    if (const cudaError_t error = cudaGetLastError(); error != cudaSuccess) return error;
  }
  sum_partials<<<static_cast<unsigned>((width + kWarp - 1) / kWarp), dim3(kWarp, kWarp), 0, stream>>>(
      args.partial, partials, width, args.gamma_gradient, args.shape.gamma_type);
  return cudaGetLastError();
}

}  // namespace wan::kernels
