// LPIPS v0.1 with VGG16 as those compute it who ask the reference for a map (`spatial=True`) and average that.
#include "metrics/perceptual/metric.h"

namespace wan::metrics {

extern const Metric lpips_vgg_spatialmean;
const Metric lpips_vgg_spatialmean{
    .info = {.id = "lpips.vgg.spatialmean",
             .version = perceptual::kVgg16.version,
             .summary = "mean of LPIPS v0.1's map at full size, VGG16 trunk, float32 on the CPU; seconds a frame",
             .unit = "1",
             .colour = "RGB",
             .range = "-1..1",
             .direction = Direction::lower_is_better,
             .scores = {"lpips.vgg.spatialmean"},
             .caches_reference = true,
             .by_default = false},
    .begin =
        [](const Format& format, const Parameters&) {
          return perceptual::begin(perceptual::kVgg16, format, "lpips.vgg.spatialmean", perceptual::lpips_spatial_mean);
        },
};

}  // namespace wan::metrics
