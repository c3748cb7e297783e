// FP8 E4M3 (Micikevicius et al. 2022): 4 exponent bits, 3 mantissa bits, largest value 448, no infinities.
// Scales are powers of two, so scaling is exact and nothing is rounded twice; at most one binade of range is given away.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace wan::quant {

enum class Granularity { per_tensor, per_channel };

struct Fp8Tensor {
  at::Tensor
      values;  // E4M3 values held in `carrier` dtype: float8_e4m3fn where the device computes in it, bfloat16 (exact) where it is emulated
  at::Tensor scale;  // float32; value = values * scale. per_tensor: [1]; per_channel: [rows, 1]
};

// x [rows, k] floating. per_channel: one scale a row (a weight's output channel, an activation's token).
Fp8Tensor quantize_fp8(const at::Tensor& x, Granularity granularity, at::ScalarType carrier);

// Nearest-even rounding to E4M3, saturating at +-448; NaN stays NaN. x float32, result in bfloat16 (every E4M3 value is exact there). CPU.
at::Tensor round_to_e4m3(const at::Tensor& x);

}  // namespace wan::quant
