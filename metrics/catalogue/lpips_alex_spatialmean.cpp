// LPIPS v0.1 with AlexNet as those compute it who ask the reference for a map (`spatial=True`) and average that: each layer's map
// up-sampled to the frame's size. It differs from lpips.alex by the weight of a map's edge.
#include "metrics/perceptual/metric.h"

namespace wan::metrics {

extern const Metric lpips_alex_spatialmean;
const Metric lpips_alex_spatialmean{
    .info = {.id = "lpips.alex.spatialmean",
             .version = perceptual::kAlexNet.version,
             .summary = "mean of LPIPS v0.1's map at full size, AlexNet trunk, float32 on the CPU",
             .unit = "1",
             .colour = "RGB",
             .range = "-1..1",
             .direction = Direction::lower_is_better,
             .scores = {"lpips.alex.spatialmean"},
             .caches_reference = true,
             .by_default = false},
    .begin =
        [](const Format& format, const Parameters&) {
          return perceptual::begin(perceptual::kAlexNet, format, "lpips.alex.spatialmean", perceptual::lpips_spatial_mean);
        },
};

}  // namespace wan::metrics
