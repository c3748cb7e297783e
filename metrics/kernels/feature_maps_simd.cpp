#include "metrics/kernels/feature_maps.h"

namespace wan::metrics::WAN_SIMD {
namespace {

constexpr std::size_t kLanes = 16;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float)), aligned(sizeof(float)), may_alias));

inline __attribute__((always_inline)) Lanes at(const float* p) { return *reinterpret_cast<const Lanes*>(p); }

inline __attribute__((always_inline)) float total(Lanes lanes) {
  for (std::size_t width = kLanes / 2; width > 0; width /= 2)
    for (std::size_t i = 0; i < width; ++i) lanes[i] += lanes[i + width];
  return lanes[0];
}

inline __attribute__((always_inline)) float inverse_norm(Lanes squares) { return 1 / (__builtin_sqrtf(total(squares)) + 1e-10F); }

void distances(const float* a, const float* b, std::size_t positions, std::size_t channels, const float* weights, float* out) {
  for (std::size_t p = 0; p < positions; ++p, a += channels, b += channels) {
    Lanes squares_a{}, squares_b{}, sum{};
    for (std::size_t c = 0; c < channels; c += kLanes) {
      squares_a += at(a + c) * at(a + c);
      squares_b += at(b + c) * at(b + c);
    }
    const float scale_a = inverse_norm(squares_a), scale_b = inverse_norm(squares_b);
    for (std::size_t c = 0; c < channels; c += kLanes) {
      const Lanes difference = at(a + c) * scale_a - at(b + c) * scale_b;
      sum += at(weights + c) * (difference * difference);
    }
    out[p] = total(sum);
  }
}

void pool_maximum(const float* map, std::size_t width, std::size_t channels, std::size_t side, std::size_t stride, std::size_t out_height,
                  std::size_t out_width, float* out) {
  for (std::size_t y = 0; y < out_height; ++y)
    for (std::size_t x = 0; x < out_width; ++x, out += channels) {
      const float* window = map + (y * stride * width + x * stride) * channels;
      for (std::size_t c = 0; c < channels; c += kLanes) {
        Lanes most = at(window + c);
        for (std::size_t i = 0; i < side; ++i)
          for (std::size_t j = 0; j < side; ++j) {
            const Lanes value = at(window + (i * width + j) * channels + c);
            most = value > most ? value : most;
          }
        *reinterpret_cast<Lanes*>(out + c) = most;
      }
    }
}

}  // namespace

extern const FeatureMapKernels feature_maps;
const FeatureMapKernels feature_maps{.distances = distances, .pool_maximum = pool_maximum};

}  // namespace wan::metrics::WAN_SIMD
