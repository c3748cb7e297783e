// TF32 for float32 matrix products on tensor cores (roadmap phase 0).
#include "engine/optimization.h"

namespace wan::optimizations {

extern const Optimization tf32;
const Optimization tf32 = {
    .info = {.id = "tf32",
             .summary = "float32 matrix products and convolutions on TF32 tensor cores (10-bit mantissa)",
             .kind = OptimizationClass::lossy},
    .unsupported = [](const ApplyContext& context, const Parameters&) -> std::string {
      return context.device == "cuda" ? "" : "TF32 is a mode of NVIDIA tensor cores; float32 arithmetic is used";
    },
    .apply = [](const Parameters&, Seams&, ApplyContext& context) { context.placement.allow_tf32 = true; },
};

}  // namespace wan::optimizations
