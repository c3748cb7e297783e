// Learned perceptual distance (Zhang et al., CVPR 2018), version 0.1 with VGG16. Its values are not those of AlexNet.
#include "metrics/perceptual/metric.h"

namespace wan::metrics {

extern const Metric lpips_vgg;
const Metric lpips_vgg{
    .info = {.id = "lpips.vgg",
             .version = perceptual::kVgg16.version,
             .summary = "learned perceptual distance, LPIPS v0.1 with the VGG16 trunk, float32 on the CPU; seconds a frame",
             .unit = "1",
             .colour = "RGB",
             .range = "-1..1",
             .direction = Direction::lower_is_better,
             .scores = {"lpips.vgg"},
             .caches_reference = true,
             .by_default = false},
    .begin = [](const Format& format,
                const Parameters&) { return perceptual::begin(perceptual::kVgg16, format, "lpips.vgg", perceptual::lpips); },
};

}  // namespace wan::metrics
