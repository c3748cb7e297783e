#include "metrics/kernels/winograd.h"

namespace wan::metrics::WAN_SIMD {
namespace {

constexpr std::size_t kLanes = 16;  // channels
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float)), aligned(sizeof(float)), may_alias));

#define WAN_INLINE inline __attribute__((always_inline))

// B^T of the points. In and out are `stride` apart.
WAN_INLINE void input_points(const Lanes* d, std::size_t stride, Lanes* out, std::size_t out_stride) {
  const Lanes d0 = d[0], d1 = d[stride], d2 = d[2 * stride], d3 = d[3 * stride], d4 = d[4 * stride], d5 = d[5 * stride];
  const Lanes even = d4 - 4 * d2, odd = d3 - 4 * d1;  // of the points 1 and -1
  const Lanes even2 = d4 - d2, odd2 = 2 * (d3 - d1);  // of 2 and -2
  out[0] = 4 * d0 - 5 * d2 + d4;
  out[out_stride] = even + odd;
  out[2 * out_stride] = even - odd;
  out[3 * out_stride] = even2 + odd2;
  out[4 * out_stride] = even2 - odd2;
  out[5 * out_stride] = 4 * d1 - 5 * d3 + d5;
}

void transform_input(const Tiles& t, const float* map, float* points) {
  const std::size_t plane = t.count * t.channels;
  for (std::size_t n = 0; n < t.count; ++n) {
    // The tile's first row and column, shifted by the padding to stay unsigned.
    const std::size_t top = (t.first + n) / t.across * t.step, left = (t.first + n) % t.across * t.step;
    for (std::size_t c = 0; c < t.channels; c += kLanes) {
      Lanes rows[kTilePoints], tile[kTilePoints];
      for (std::size_t y = 0; y < kTileSide; ++y) {
        const bool inside_y = top + y >= t.padding && top + y < t.height + t.padding;
        const float* row = map + (inside_y ? top + y - t.padding : 0) * t.width * t.channels + c;
        for (std::size_t x = 0; x < kTileSide; ++x) {
          const bool inside = inside_y && left + x >= t.padding && left + x < t.width + t.padding;
          rows[y * kTileSide + x] = inside ? *reinterpret_cast<const Lanes*>(row + (left + x - t.padding) * t.channels) : Lanes{};
        }
      }
      for (std::size_t x = 0; x < kTileSide; ++x) input_points(rows + x, kTileSide, tile + x, kTileSide);
      for (std::size_t y = 0; y < kTileSide; ++y) {
        Lanes out[kTileSide];
        input_points(tile + y * kTileSide, 1, out, 1);
        for (std::size_t x = 0; x < kTileSide; ++x)
          *reinterpret_cast<Lanes*>(points + (y * kTileSide + x) * plane + n * t.channels + c) = out[x];
      }
    }
  }
}

// A^T of the points for Outputs of a side.
template <int Outputs>
WAN_INLINE void outputs_of(const Lanes* m, std::size_t stride, Lanes* out, std::size_t out_stride) {
  const Lanes sum1 = m[stride] + m[2 * stride], difference1 = m[stride] - m[2 * stride];
  const Lanes sum2 = m[3 * stride] + m[4 * stride], difference2 = m[3 * stride] - m[4 * stride];
  out[0] = m[0] + sum1 + sum2;
  if constexpr (Outputs == 2) {
    out[out_stride] = difference1 + 2 * difference2 + m[5 * stride];
  } else {
    out[out_stride] = difference1 + 2 * difference2;
    out[2 * out_stride] = sum1 + 4 * sum2;
    out[3 * out_stride] = difference1 + 8 * difference2 + m[5 * stride];
  }
}

template <int Outputs>
void transform_outputs(const Tiles& t, const float* points, const float* bias, float* map) {
  const std::size_t plane = t.count * t.channels;
  for (std::size_t n = 0; n < t.count; ++n) {
    const std::size_t top = (t.first + n) / t.across * t.step, left = (t.first + n) % t.across * t.step;
    for (std::size_t c = 0; c < t.channels; c += kLanes) {
      const Lanes shift = *reinterpret_cast<const Lanes*>(bias + c);
      Lanes half[Outputs * kTileSide];
      for (std::size_t x = 0; x < kTileSide; ++x) {
        Lanes column[kTileSide];
        for (std::size_t y = 0; y < kTileSide; ++y)
          column[y] = *reinterpret_cast<const Lanes*>(points + (y * kTileSide + x) * plane + n * t.channels + c);
        outputs_of<Outputs>(column, 1, half + x, kTileSide);
      }
      for (std::size_t y = 0; y < Outputs && top + y < t.height; ++y) {
        Lanes out[Outputs];
        outputs_of<Outputs>(half + y * kTileSide, 1, out, 1);
        for (std::size_t x = 0; x < Outputs && left + x < t.width; ++x) {
          const Lanes sum = out[x] + shift;
          *reinterpret_cast<Lanes*>(map + ((top + y) * t.width + left + x) * t.channels + c) = sum > 0 ? sum : Lanes{};
        }
      }
    }
  }
}

void transform_output(const Tiles& tiles, const float* points, const float* bias, float* map) {
  if (tiles.step == 4)
    transform_outputs<4>(tiles, points, bias, map);
  else
    transform_outputs<2>(tiles, points, bias, map);
}

#undef WAN_INLINE

}  // namespace

extern const WinogradKernels winograd;
const WinogradKernels winograd{.transform_input = transform_input, .transform_output = transform_output};

}  // namespace wan::metrics::WAN_SIMD
