// Structural similarity as scikit-image computes it unless told otherwise (data_range=255, channel_axis=2).
#include "metrics/structural/ssim.h"

namespace wan::metrics {

using namespace structural;

extern const Metric ssim_skimage7;
const Metric ssim_skimage7{
    .info = {.id = "ssim.skimage7",
             .summary = "structural similarity as scikit-image by default: uniform 7x7 window, sample covariance, valid region, RGB mean",
             .unit = "1",
             .colour = "RGB",
             .range = "0..255",
             .direction = Direction::higher_is_better,
             .in_order = false,
             .scores = {"ssim.skimage7"},
             .by_default = false},
    .begin =
        [](const Format& format, const Parameters&) {
          return begin_ssim({.id = "ssim.skimage7", .window = uniform_window(3), .c2 = kC2 * 48 / 49}, format);
        },
};

}  // namespace wan::metrics
