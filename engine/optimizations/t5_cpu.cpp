// Text encoder on the CPU (roadmap, Appendix B; official flag --t5_cpu).
#include "engine/optimization.h"

namespace wan::optimizations {

extern const Optimization t5_cpu;
const Optimization t5_cpu = {
    .info = {.id = "t5_cpu",
             .summary = "the text encoder stays on the CPU; its states are moved to the device",
             .kind = OptimizationClass::equivalent},
    .unsupported = [](const ApplyContext& context, const Parameters&) -> std::string {
      return context.device == "cuda" ? "" : "the whole engine runs on the CPU already";
    },
    .apply = [](const Parameters&, Seams&, ApplyContext& context) { context.placement.text_encoder_on_cpu = true; },
};

}  // namespace wan::optimizations
