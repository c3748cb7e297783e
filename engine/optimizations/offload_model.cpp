// Experts offloaded to the host while they are not needed (official flag --offload_model). Where the official code moves a whole expert
// between two steps, here a block of the next expert takes the place of each block that has run for the last time.
#include "engine/optimization.h"

namespace wan::optimizations {

extern const Optimization offload_model;
const Optimization offload_model = {
    .info = {.id = "offload_model",
             .summary = "one expert on the device at a time, the next one copied while it runs its last step; the text encoder leaves "
                        "after encoding, the "
                        "expert before the VAE decodes",
             .kind = OptimizationClass::exact},
    .unsupported = [](const ApplyContext& context, const Parameters&) -> std::string {
      return context.device == "cuda" ? "" : "everything lives in host memory already";
    },
    .apply = [](const Parameters&, Seams&,
                ApplyContext& context) { context.placement.offload_experts = context.placement.unload_text_encoder = true; },
};

}  // namespace wan::optimizations
