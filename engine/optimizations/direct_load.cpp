// Direct loading to the device (roadmap phase 0). The loader knows no other way (engine/checkpoint/transfer.h), so this entry changes
// nothing; it stands in the list so that phase 0 can be written down in full.
#include "engine/optimization.h"

namespace wan::optimizations {

extern const Optimization direct_load;
const Optimization direct_load = {
    .info = {.id = "direct_load",
             .summary = "checkpoint tensors go straight to the device in their final dtype; always so here, with or without this entry",
             .kind = OptimizationClass::exact},
    .unsupported = [](const ApplyContext& context, const Parameters&) -> std::string {
      return context.device == "cuda" ? "" : "the checkpoint is mapped into host memory, where the CPU computes";
    },
    .apply = [](const Parameters&, Seams&, ApplyContext&) {},
};

}  // namespace wan::optimizations
