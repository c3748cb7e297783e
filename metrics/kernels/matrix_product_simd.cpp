#include "metrics/kernels/matrix_product.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace wan::metrics::WAN_SIMD {
namespace {

// A block of kRows x kPanels panels lives in registers: 28 of AVX-512's 32, 12 of AVX2's 16.
#if defined(__AVX512F__)
using Vector = __m512;
constexpr int kRows = 14, kPanels = 2, kVectors = 1;
inline __attribute__((always_inline)) Vector load(const float* p) { return _mm512_loadu_ps(p); }
inline __attribute__((always_inline)) void store(float* p, Vector v) { _mm512_storeu_ps(p, v); }
inline __attribute__((always_inline)) Vector spread(float x) { return _mm512_set1_ps(x); }
inline __attribute__((always_inline)) Vector multiply_add(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
#elif defined(__AVX2__)
using Vector = __m256;
constexpr int kRows = 6, kPanels = 1, kVectors = 2;
inline __attribute__((always_inline)) Vector load(const float* p) { return _mm256_loadu_ps(p); }
inline __attribute__((always_inline)) void store(float* p, Vector v) { _mm256_storeu_ps(p, v); }
inline __attribute__((always_inline)) Vector spread(float x) { return _mm256_set1_ps(x); }
inline __attribute__((always_inline)) Vector multiply_add(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
#else
struct Vector {
  float lane[kPanel];
};
constexpr int kRows = 2, kPanels = 1, kVectors = 1;
inline __attribute__((always_inline)) Vector load(const float* p) {
  Vector v;
  for (std::size_t i = 0; i < kPanel; ++i) v.lane[i] = p[i];
  return v;
}
inline __attribute__((always_inline)) void store(float* p, const Vector& v) {
  for (std::size_t i = 0; i < kPanel; ++i) p[i] = v.lane[i];
}
inline __attribute__((always_inline)) Vector spread(float x) {
  Vector v;
  for (std::size_t i = 0; i < kPanel; ++i) v.lane[i] = x;
  return v;
}
inline __attribute__((always_inline)) Vector multiply_add(const Vector& a, const Vector& b, Vector c) {
  for (std::size_t i = 0; i < kPanel; ++i) c.lane[i] = __builtin_fmaf(a.lane[i], b.lane[i], c.lane[i]);
  return c;
}
#endif
constexpr std::size_t kVector = kPanel / kVectors;

void finish(float* out, const float* bias, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const float sum = out[i] + bias[i];
    out[i] = sum > 0 ? sum : 0;
  }
}

template <int Rows, int Panels>
void block(const Product& p, std::size_t row, std::size_t column) {
  constexpr int kColumns = Panels * kVectors;
  Vector sum[Rows][kColumns];
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
    for (int c = 0; c < kColumns; ++c) sum[r][c] = spread(0.0F);

  const std::size_t depth = p.runs * p.run_length;
  const float* right = p.right + column * depth;
  for (std::size_t run = 0; run < p.runs; ++run) {
    const float* left = p.left + row * p.row_stride + run * p.run_stride;
    for (std::size_t k = 0; k < p.run_length; ++k, right += kPanel) {
      Vector b[kColumns];
#pragma GCC unroll 4
      for (int c = 0; c < kColumns; ++c) b[c] = load(right + (c / kVectors) * depth * kPanel + (c % kVectors) * kVector);
#pragma GCC unroll 16
      for (int r = 0; r < Rows; ++r) {
        const Vector a = spread(left[r * p.row_stride + k]);
#pragma GCC unroll 4
        for (int c = 0; c < kColumns; ++c) sum[r][c] = multiply_add(a, b[c], sum[r][c]);
      }
    }
  }

  for (int r = 0; r < Rows; ++r) {
    float* out = p.out + (row + r) * p.out_stride + column;
#pragma GCC unroll 4
    for (int c = 0; c < kColumns; ++c) store(out + (c / kVectors) * kPanel + (c % kVectors) * kVector, sum[r][c]);
    if (p.bias) finish(out, p.bias + column, Panels * kPanel);
  }
}

// The block for a number of rows known at run time.
template <int Rows, int Panels>
void block_of(int rows, const Product& p, std::size_t row, std::size_t column) {
  if constexpr (Rows > 1)
    if (rows < Rows) return block_of<Rows - 1, Panels>(rows, p, row, column);
  block<Rows, Panels>(p, row, column);
}

template <int Panels>
void rows_of(const Product& p, std::size_t column) {
  std::size_t blocks = (p.rows + kRows - 1) / kRows;
  for (std::size_t row = 0; blocks > 0; --blocks) {
    const std::size_t rows = (p.rows - row + blocks - 1) / blocks;  // evenly, so that none is nearly empty
    block_of<kRows, Panels>(static_cast<int>(rows), p, row, column);
    row += rows;
  }
}

void multiply(const Product& p) {
  std::size_t column = 0;
  if constexpr (kPanels > 1)
    for (; column + kPanels * kPanel <= p.columns; column += kPanels * kPanel) rows_of<kPanels>(p, column);
  for (; column < p.columns; column += kPanel) rows_of<1>(p, column);
}

}  // namespace

extern const MatrixProductKernels matrix_product;
const MatrixProductKernels matrix_product{.multiply = multiply};

}  // namespace wan::metrics::WAN_SIMD
