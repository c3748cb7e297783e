// The compile mode reduce-overhead (roadmap phase 0): CUDA graphs over fused kernels.
#include "engine/optimization.h"

namespace wan::optimizations {

extern const Optimization reduce_overhead;
const Optimization reduce_overhead = {
    .info = {.id = "reduce_overhead",
             .summary = "compile mode reduce-overhead: CUDA graphs over the fused kernels",
             .kind = OptimizationClass::equivalent},
    .unsupported = [](const ApplyContext& context, const Parameters&) -> std::string {
      return context.device == "cuda" ? "CUDA graphs are not in this version; eager execution is used"
                                      : "CUDA graphs need a CUDA device; eager execution is used";
    },
    .apply = [](const Parameters&, Seams&, ApplyContext&) {},
};

}  // namespace wan::optimizations
