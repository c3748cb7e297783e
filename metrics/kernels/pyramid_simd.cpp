#include "metrics/kernels/pyramid.h"

namespace wan::metrics::WAN_SIMD {
namespace {

// Sums of bytes and of their means over up to 256 pixels fit float32 exactly.
template <typename Sample>
void halve(const Sample* in, const Halving& halving, float* scratch, float* out) {
  const std::int64_t pad_rows = halving.pad ? halving.height % 2 : 0, pad_columns = halving.pad ? halving.width % 2 : 0;
  const std::int64_t rows = (halving.height + pad_rows) / 2, columns = (halving.width + pad_columns) / 2, pitch = halving.width * 3;
  float* sums = scratch + 3 * pad_columns;
  for (int i = 0; i < 3; ++i) scratch[i] = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
    const Sample* lower = in + (2 * row + 1 - pad_rows) * pitch;
    if (row == 0 && pad_rows > 0)
      for (std::int64_t i = 0; i < pitch; ++i) sums[i] = static_cast<float>(lower[i]);
    else
      for (std::int64_t i = 0; i < pitch; ++i) sums[i] = static_cast<float>(lower[i - pitch]) + static_cast<float>(lower[i]);
    float* to = out + row * columns * 3;
    for (std::int64_t x = 0; x < columns; ++x)
      for (int c = 0; c < 3; ++c) to[3 * x + c] = 0.25f * (scratch[6 * x + c] + scratch[6 * x + 3 + c]);
  }
}

typedef float Floats __attribute__((vector_size(32)));
typedef double Doubles __attribute__((vector_size(64)));

void decimate_row(const float* rows, const Decimation& d, float* out) {
  for (std::int64_t x = 0; x < d.count; x += 16) {
    Doubles low = {}, high = {};
    for (int v = 0; v < d.taps; ++v)
      for (int u = 0; u < d.taps; ++u) {
        const float* from = rows + (v * d.factor + u % d.factor) * d.pitch + u / d.factor + x;
        Floats a, b;
        __builtin_memcpy(&a, from, sizeof a);
        __builtin_memcpy(&b, from + 8, sizeof b);
        const float weight = d.weights[v * d.taps + u];
        low += __builtin_convertvector(a * weight, Doubles);
        high += __builtin_convertvector(b * weight, Doubles);
      }
    const Floats a = __builtin_convertvector(low, Floats), b = __builtin_convertvector(high, Floats);
    __builtin_memcpy(out + x, &a, sizeof a);
    __builtin_memcpy(out + x + 8, &b, sizeof b);
  }
}

}  // namespace

extern const PyramidKernels pyramid;
const PyramidKernels pyramid{.halve_bytes = halve<std::uint8_t>, .halve_floats = halve<float>, .decimate_row = decimate_row};

}  // namespace wan::metrics::WAN_SIMD
