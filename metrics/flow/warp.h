// Warp error (Lai et al.: Learning Blind Video Temporal Consistency, ECCV 2018, section 4): how far a frame is from the next one brought
// back along the flow, where the flow can be trusted.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "metrics/flow/optical_flow.h"

namespace wan::metrics::flow {

// Of one pair of frames of the reference.
struct Guide {
  Field flow;                        // from the first to the second
  std::vector<std::uint8_t> usable;  // [height, width] 0 or 1: neither occluded nor at the boundary of a motion
};

// With the flow by dense inverse search in both directions. Occluded is where they disagree,
// |w + w'|^2 > 0.01 (|w|^2 + |w'|^2) + 0.5, and a boundary where |grad w|^2 > 0.01 |w|^2 + 0.002.
Guide make_guide(std::span<const std::uint8_t> first, std::span<const std::uint8_t> second, std::int64_t height, std::int64_t width);
// The mask alone. w' is read bilinearly at w's end, from the border beyond it.
std::vector<std::uint8_t> usable_pixels(const Field& forward, const Field& backward);

// Mean over usable pixels and channels of the squared difference, pixels being in 0..1; 0 if none is usable.
double warp_error(const Guide& guide, std::span<const std::uint8_t> first, std::span<const std::uint8_t> second);

}  // namespace wan::metrics::flow
