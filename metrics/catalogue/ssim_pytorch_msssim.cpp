// Structural similarity as pytorch_msssim computes it in float64 (data_range=255). Where a side is less than its window it only warns and
// leaves out that side's filter, so such frames are refused.
#include "metrics/structural/ssim.h"

namespace wan::metrics {

using namespace structural;

extern const Metric ssim_pytorch_msssim;
const Metric ssim_pytorch_msssim{
    .info = {.id = "ssim.pytorch_msssim",
             .summary =
                 "structural similarity as pytorch_msssim: Gaussian window 11 taps sigma 1.5 of float32 values, valid region, RGB mean",
             .unit = "1",
             .colour = "RGB",
             .range = "0..255",
             .direction = Direction::higher_is_better,
             .in_order = false,
             .scores = {"ssim.pytorch_msssim"},
             .by_default = false},
    .begin = [](const Format& format,
                const Parameters&) { return begin_ssim({.id = "ssim.pytorch_msssim", .window = float32_gaussian_window()}, format); },
};

}  // namespace wan::metrics
