// Structural similarity as torchmetrics 1.4.2 and later computes it in float64 (data_range=255): the mean takes the border in. Its clamp
// of negative variances acts on rounding errors alone.
#include "metrics/structural/ssim.h"

namespace wan::metrics {

using namespace structural;

extern const Metric ssim_torchmetrics;
const Metric ssim_torchmetrics{
    .info =
        {.id = "ssim.torchmetrics",
         .summary =
             "structural similarity as torchmetrics from 1.4.2: Gaussian window 11 taps sigma 1.5, reflected border counted in, RGB mean",
         .unit = "1",
         .colour = "RGB",
         .range = "0..255",
         .direction = Direction::higher_is_better,
         .in_order = false,
         .scores = {"ssim.torchmetrics"},
         .by_default = false},
    .begin =
        [](const Format& format, const Parameters&) {
          return begin_ssim({.id = "ssim.torchmetrics", .window = gaussian_window(), .border = Border::reflect}, format);
        },
};

}  // namespace wan::metrics
