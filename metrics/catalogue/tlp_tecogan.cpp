// tLP of TecoGAN (Chu et al.: Learning Temporal Coherence via Self-Supervision for GAN-based Video Generation, ACM TOG 2020, section 5):
// does the candidate change from frame to frame as much as the reference does? All frames, uncropped; score i belongs to frames i and i
// + 1.
#include <cmath>

#include "engine/base/error.h"
#include "metrics/perceptual/distance.h"
#include "metrics/perceptual/metric.h"

namespace wan::metrics {
namespace {

double change_difference(const perceptual::Network& network, const perceptual::FeaturePair& now, const perceptual::FeaturePair& before,
                         const Format& format) {
  return 100 * std::abs(perceptual::distance(network, *before.candidate, *now.candidate, format.simd) -
                        perceptual::distance(network, *before.reference, *now.reference, format.simd));
}

}  // namespace

extern const Metric tlp_tecogan;
const Metric tlp_tecogan{
    .info = {.id = "tlp.tecogan",
             .version = perceptual::kAlexNet.version,
             .summary = "difference between the clips in LPIPS (AlexNet) from frame to frame, times 100",
             .unit = "1",
             .colour = "RGB",
             .range = "-1..1",
             .direction = Direction::lower_is_better,
             .scores = {"tlp.tecogan"},
             .caches_reference = true,
             .by_default = false},
    .begin = [](const Format& format, const Parameters&) -> std::unique_ptr<MetricRun> {
      if (format.frames < 2) throw UsageError("tlp.tecogan compares consecutive frames, and these clips have one");
      return perceptual::begin(perceptual::kAlexNet, format, "tlp.tecogan", change_difference, 1);
    },
    .applies = [](const Format& format) { return format.frames >= 2; },
};

}  // namespace wan::metrics
