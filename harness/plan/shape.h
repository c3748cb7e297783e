// Completes a shape with the model's defaults and checks that the model can serve it.
#pragma once

#include <cstdint>

#include "harness/plan/tier.h"

namespace wan::plan {

// What a plan must know of the checkpoint; the caller copies it from the engine's ModelInfo.
struct ModelDefaults {
  std::int64_t width = 832, height = 480, frames = 81, steps = 40;
  std::int64_t size_multiple = 16;  // width and height must divide by it
  double shift = 5.0, guidance_low = 5.0, guidance_high = 5.0;
};

// No zeros and no absent guidance remain. Throws UsageError naming every fault.
Shape resolve_shape(const Shape& shape, const ModelDefaults& model);

}  // namespace wan::plan
