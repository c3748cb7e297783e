// Multi-scale SSIM as pytorch_msssim computes it in float64 (data_range=255). 161 = (11 - 1) * 2^4 + 1, as the library has it.
#include "metrics/structural/ms_ssim.h"

namespace wan::metrics {

using namespace structural;

extern const Metric msssim_pytorch_msssim;
const Metric msssim_pytorch_msssim{
    .info = {.id = "msssim.pytorch_msssim",
             .summary = "multi-scale structural similarity as pytorch_msssim: 2x2 means, zeros around odd sizes, product over scales per "
                        "channel, RGB mean",
             .unit = "1",
             .colour = "RGB",
             .range = "0..255",
             .direction = Direction::higher_is_better,
             .in_order = false,
             .scores = {"msssim.pytorch_msssim"},
             .by_default = false},
    .begin =
        [](const Format& format, const Parameters&) {
          return begin_ms_ssim({.id = "msssim.pytorch_msssim", .window = float32_gaussian_window(), .smallest_side = 161, .pad_odd = true},
                               format);
        },
};

}  // namespace wan::metrics
