// Symmetric INT8: value = int * scale, one float32 scale a row, the largest magnitude at 127.
#pragma once

#include <ATen/core/Tensor.h>

namespace wan::quant {

struct Int8Tensor {
  at::Tensor values;  // [rows, k] int8
  at::Tensor scale;   // [rows, 1] float32
};

Int8Tensor quantize_int8(const at::Tensor& x);  // [rows, k] floating

at::Tensor dequantize(const Int8Tensor& q, at::ScalarType dtype);  // [rows, k]

// q(x) q(w)^T with int32 accumulation, scaled and rounded once to `dtype`: x [m, k], w [n, k] -> [m, n].
at::Tensor int8_matmul(const Int8Tensor& x, const Int8Tensor& w, at::ScalarType dtype);

}  // namespace wan::quant
