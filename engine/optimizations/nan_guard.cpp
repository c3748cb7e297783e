// Watches for overflow (roadmap, troubleshooting 5): one flag a block, computed where the block runs and read once a step; a step in which
// a block overflowed is redone with that block's layers in BF16, and the fallback is recorded. Where nothing overflows the result is
// bit-equal.
#include "engine/optimization.h"

namespace wan::optimizations {

extern const Optimization nan_guard;
const Optimization nan_guard = {
    .info = {.id = "nan_guard",
             .summary = "one health flag a block, read once a step; a step that overflowed is redone with the block in BF16",
             .kind = OptimizationClass::exact},
    .unsupported = [](const ApplyContext&, const Parameters&) -> std::string { return ""; },
    .apply = [](const Parameters&, Seams&, ApplyContext& context) { context.placement.nan_guard = true; },
};

}  // namespace wan::optimizations
