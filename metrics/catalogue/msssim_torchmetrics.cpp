// Multi-scale SSIM as torchmetrics computes it in float64 (data_range=255, normalize="relu"). 176 = 11 * 2^4, as the library has it.
#include "metrics/structural/ms_ssim.h"

namespace wan::metrics {

using namespace structural;

extern const Metric msssim_torchmetrics;
const Metric msssim_torchmetrics{
    .info = {.id = "msssim.torchmetrics",
             .summary = "multi-scale structural similarity as torchmetrics: 2x2 means, odd rows and columns dropped, reflected border at "
                        "the last scale",
             .unit = "1",
             .colour = "RGB",
             .range = "0..255",
             .direction = Direction::higher_is_better,
             .in_order = false,
             .scores = {"msssim.torchmetrics"},
             .by_default = false},
    .begin =
        [](const Format& format, const Parameters&) {
          return begin_ms_ssim({.id = "msssim.torchmetrics",
                                .window = gaussian_window(),
                                .weights = kFloat32ScaleWeights,
                                .smallest_side = 176,
                                .last_border = Border::reflect,
                                .channels_first = true},
                               format);
        },
};

}  // namespace wan::metrics
