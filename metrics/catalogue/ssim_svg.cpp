// Structural similarity as the metric script of Sparse-VideoGen computes it, for figures of papers that use it: the border is filled with
// zeros, which the windows there count.
#include "metrics/structural/ssim.h"

namespace wan::metrics {

using namespace structural;

extern const Metric ssim_svg;
const Metric ssim_svg{
    .info = {.id = "ssim.svg",
             .summary = "for reproduction only, structural similarity as in Sparse-VideoGen: uniform 11x11 window, zeros around the frame "
                        "counted in, RGB mean",
             .unit = "1",
             .colour = "RGB",
             .range = "0..255",
             .direction = Direction::higher_is_better,
             .in_order = false,
             .scores = {"ssim.svg"},
             .by_default = false},
    .begin = [](const Format& format,
                const Parameters&) { return begin_ssim({.id = "ssim.svg", .window = uniform_window(5), .border = Border::zero}, format); },
};

}  // namespace wan::metrics
