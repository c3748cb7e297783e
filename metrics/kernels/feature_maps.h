// Loops over feature maps [height, width, channels] of a network, and the comparison of two of them in LPIPS (Zhang et al.: The
// Unreasonable Effectiveness of Deep Features as a Perceptual Metric, CVPR 2018, equation 1).
#pragma once

#include <cstddef>

#include "metrics/kernels/simd.h"

namespace wan::metrics {

struct FeatureMapKernels {
  // distances[p] = sum over channels of weight * (a / |a| - b / |b|)^2, |x| being sqrt(sum of x^2) + 1e-10. a and b [positions, channels],
  // channels a multiple of 16. Equal maps give exactly 0; a and b exchanged give the same bits.
  void (*distances)(const float* a, const float* b, std::size_t positions, std::size_t channels, const float* weights, float* distances);
  // out [out_height, out_width, channels]: maximum over windows of `side`, `stride` apart; channels a multiple of 16.
  void (*pool_maximum)(const float* map, std::size_t width, std::size_t channels, std::size_t side, std::size_t stride,
                       std::size_t out_height, std::size_t out_width, float* out);
};
const FeatureMapKernels& feature_map_kernels(Simd level);

}  // namespace wan::metrics
