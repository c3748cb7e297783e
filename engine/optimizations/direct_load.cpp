// Direct loading to the device (roadmap phase 0).
#include "engine/optimization.h"

namespace wan::optimizations {

extern const Optimization direct_load;
const Optimization direct_load = {
    .info = {.id = "direct_load",
             .summary = "checkpoint tensors go straight to the device in their final dtype",
             .kind = OptimizationClass::exact},
    .unsupported = [](const ApplyContext& context, const Parameters&) -> std::string {
      return context.device == "cuda" ? "" : "the checkpoint is mapped into host memory, where the CPU computes";
    },
    .apply = [](const Parameters&, Seams&, ApplyContext& context) { context.placement.direct_load = true; },
};

}  // namespace wan::optimizations
