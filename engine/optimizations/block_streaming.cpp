// Transformer blocks streamed from the host, for cards that one expert does not fit.
#include "engine/optimization.h"

namespace wan::optimizations {

extern const Optimization block_streaming;
const Optimization block_streaming = {
    .info = {.id = "block_streaming",
             .summary = "transformer blocks stay in host memory and are copied to a few slots on the device while others run",
             .kind = OptimizationClass::exact,
             .parameters = {{.name = "slots",
                             .help = "blocks on the device at a time: one runs while the others are filled",
                             .default_value = std::int64_t{3},
                             .minimum = 2,
                             .maximum = 1024}}},
    .unsupported = [](const ApplyContext& context, const Parameters&) -> std::string {
      return context.device == "cuda" ? "" : "everything lives in host memory already";
    },
    .apply = [](const Parameters& parameters, Seams&,
                ApplyContext& context) { context.placement.block_slots = get_int(parameters, "slots"); },
};

}  // namespace wan::optimizations
