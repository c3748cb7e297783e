// Peak signal-to-noise ratio as libvmaf's feature psnr gives it for luma (psnr_y): integer squared error, never more than 60 dB (6 times
// the bits, plus 12), so that identical frames have a finite score. What libvmaf would convert is Y of BT.601, full range, rounded, as for
// ssim.vmaf.
#include <algorithm>
#include <cmath>

#include "metrics/structural/frame_score.h"
#include "metrics/structural/luma.h"

namespace wan::metrics {
namespace {

using namespace structural;

constexpr double kMost = 60;

double decibel(const FramePair& pair, const Format& format) {
  const Plane a = luma(pair.reference, format.height, format.width), b = luma(pair.candidate, format.height, format.width);
  std::uint64_t squared_error = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    const auto difference = static_cast<std::int64_t>(a.values[i]) - static_cast<std::int64_t>(b.values[i]);
    squared_error += static_cast<std::uint64_t>(difference * difference);
  }
  if (squared_error == 0) return kMost;
  const double mse = static_cast<double>(squared_error) / static_cast<double>(format.height * format.width);
  return std::min(kMost, 10 * std::log10(255.0 * 255.0 / mse));
}

}  // namespace

extern const Metric psnr_vmaf;
const Metric psnr_vmaf{
    .info = {.id = "psnr.vmaf",
             .summary = "peak signal-to-noise ratio as libvmaf's psnr_y: of luma, at most 60 dB",
             .unit = "dB",
             .colour = "Y BT.601 full range",
             .range = "0..255",
             .direction = Direction::higher_is_better,
             .in_order = false,
             .scores = {"psnr.vmaf"},
             .by_default = false},
    .begin =
        [](const Format& format, const Parameters&) {
          return score_frames("psnr.vmaf", format, [format](const FramePair& pair) { return decibel(pair, format); });
        },
};

}  // namespace wan::metrics
