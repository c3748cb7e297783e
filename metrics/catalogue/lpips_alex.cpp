// Learned perceptual distance (Zhang et al., CVPR 2018), version 0.1 with AlexNet: features of both frames, unit-normalised over channels,
// squared difference weighted by the trained linear layers, mean over positions, sum over layers.
#include "metrics/perceptual/metric.h"

namespace wan::metrics {

extern const Metric lpips_alex;
const Metric lpips_alex{
    .info = {.id = "lpips.alex",
             .version = perceptual::kAlexNet.version,
             .summary = "learned perceptual distance, LPIPS v0.1 with the AlexNet trunk, float32 on the CPU",
             .unit = "1",
             .colour = "RGB",
             .range = "-1..1",
             .direction = Direction::lower_is_better,
             .scores = {"lpips.alex"},
             .caches_reference = true},
    .begin = [](const Format& format,
                const Parameters&) { return perceptual::begin(perceptual::kAlexNet, format, "lpips.alex", perceptual::lpips); },
};

}  // namespace wan::metrics
