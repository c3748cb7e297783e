// Structural similarity as libvmaf's float_ssim computes it: luma, reduced so that the shorter side is about 256 pixels.
#include <algorithm>
#include <vector>

#include "metrics/structural/frame_score.h"
#include "metrics/structural/luma.h"

namespace wan::metrics {
namespace {

using namespace structural;

double similarity(const FramePair& pair, const Format& format) {
  const int factor = static_cast<int>(std::max<std::int64_t>(1, (std::min(format.height, format.width) + 128) / 256));
  const std::vector<float> box(static_cast<std::size_t>(factor * factor), 1.0f / static_cast<float>(factor * factor));
  const auto plane = [&](std::span<const std::uint8_t> rgb) {
    const Plane full = luma(rgb, format.height, format.width);
    return factor == 1 ? full : reduced(full, {.factor = factor, .taps = factor, .weights = box}, format.simd);
  };
  return mean_terms(plane(pair.reference), plane(pair.candidate), format.simd, threads_a_frame(format)).similarity;
}

}  // namespace

extern const Metric ssim_vmaf;
const Metric ssim_vmaf{
    .info = {.id = "ssim.vmaf",
             .summary =
                 "structural similarity as libvmaf's float_ssim: luma reduced to about 256 pixels, Gaussian window 11 taps, valid region",
             .unit = "1",
             .colour = "Y BT.601 full range",
             .range = "0..255",
             .direction = Direction::higher_is_better,
             .in_order = false,
             .scores = {"ssim.vmaf"},
             .by_default = false},
    .begin =
        [](const Format& format, const Parameters&) {
          require_side("ssim.vmaf", format, 2 * kMaxRadius + 1, "its window does not fit");
          return score_frames("ssim.vmaf", format, [format](const FramePair& pair) { return similarity(pair, format); });
        },
};

}  // namespace wan::metrics
