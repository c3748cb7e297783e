// Experts offloaded to the host while they are not needed (official flag --offload_model).
#include "engine/optimization.h"

namespace wan::optimizations {

extern const Optimization offload_model;
const Optimization offload_model = {
    .info = {.id = "offload_model",
             .summary = "one expert on the device at a time; the text encoder leaves it after encoding",
             .kind = OptimizationClass::exact},
    .unsupported = [](const ApplyContext& context, const Parameters&) -> std::string {
      return context.device == "cuda" ? "" : "everything lives in host memory already";
    },
    .apply = [](const Parameters&, Seams&,
                ApplyContext& context) { context.placement.offload_experts = context.placement.unload_text_encoder = true; },
};

}  // namespace wan::optimizations
