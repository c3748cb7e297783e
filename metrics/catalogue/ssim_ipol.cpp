// Structural similarity, the definition of Wang et al. 2004 as IPOL and scikit-image (gaussian_weights=True,
// use_sample_covariance=False, data_range=255) compute it. Full resolution, valid region.
#include "metrics/structural/ssim.h"

namespace wan::metrics {

using namespace structural;

extern const Metric ssim_ipol;
const Metric ssim_ipol{
    .info = {.id = "ssim.ipol",
             .version = 2,
             .summary = "structural similarity: Gaussian window 11 taps sigma 1.5, population covariance, valid region, RGB mean",
             .unit = "1",
             .colour = "RGB",
             .range = "0..255",
             .direction = Direction::higher_is_better,
             .in_order = false,
             .scores = {"ssim.ipol"}},
    .begin = [](const Format& format, const Parameters&) { return begin_ssim({.id = "ssim.ipol", .window = gaussian_window()}, format); },
};

}  // namespace wan::metrics
