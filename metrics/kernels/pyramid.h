// Smaller copies of an image, for metrics that look at several scales.
#pragma once

#include <cstddef>
#include <cstdint>

#include "metrics/kernels/simd.h"

namespace wan::metrics {

// Means of 2 x 2 pixels of interleaved RGB. With `pad` an odd size gets a row or column of zeros on both sides, which count: the result
// has (size + 1) / 2 rows or columns, and the first of them is half of what stands there. Without it the last row or column is dropped.
struct Halving {
  std::int64_t height, width;  // of the input
  bool pad;
};

// One row of a weighted mean of taps x taps pixels around every `factor`-th pixel, rounded as libvmaf does: products float32, their sum
// float64, which is exact. The plane is split by column modulo `factor`, so that all reads are contiguous: value x of phase p is column
// factor * x + p.
struct Decimation {
  int factor, taps;
  const float* weights;  // [taps, taps]
  std::ptrdiff_t pitch;  // values in one phase of one row, at least count + taps / factor rounded up to a multiple of 16
  std::int64_t count;    // results
};

struct PyramidKernels {
  // `scratch` holds a row: 3 * (width + 2) values.
  void (*halve_bytes)(const std::uint8_t* in, const Halving& halving, float* scratch, float* out);
  void (*halve_floats)(const float* in, const Halving& halving, float* scratch, float* out);
  // `rows` is the topmost row that the taps reach, [taps, factor, pitch]; `out` has room for `count` rounded up to a multiple of 16.
  void (*decimate_row)(const float* rows, const Decimation& decimation, float* out);
};
const PyramidKernels& pyramid_kernels(Simd level);

}  // namespace wan::metrics
