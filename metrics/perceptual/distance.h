// LPIPS v0.1 between the features of two frames (Zhang et al., CVPR 2018, equation 1).
#pragma once

#include <cstdint>

#include "metrics/perceptual/network.h"

namespace wan::metrics::perceptual {

// Mean over positions, sum over maps. Exactly 0 for equal features, symmetric to the last bit.
double distance(const Network& network, const Features& a, const Features& b, Simd simd = best_simd());

// Mean over a frame [height, width] of the sum of the maps, each brought to the frame's size bilinearly with align_corners=False: what
// `spatial=True` of the reference averages to.
double spatial_mean(const Network& network, const Features& a, const Features& b, std::int64_t height, std::int64_t width,
                    Simd simd = best_simd());

}  // namespace wan::metrics::perceptual
