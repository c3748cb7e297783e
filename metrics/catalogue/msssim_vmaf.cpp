// Multi-scale SSIM as libvmaf's float_ms_ssim computes it: luma, five scales, each of the one before through the low-pass filter of the
// 9/7 biorthogonal wavelet. Where a mean structure is negative libvmaf has no number (a root of it); here such a frame scores 0.
#include <algorithm>
#include <array>
#include <cmath>

#include "metrics/structural/frame_score.h"
#include "metrics/structural/luma.h"
#include "metrics/structural/ms_ssim.h"

namespace wan::metrics {
namespace {

using namespace structural;

// The filter's outer product with itself as libvmaf tabulates it, six decimals: by distance from the centre.
constexpr float kQuadrant[5][5] = {{0.363505f, 0.160885f, -0.047149f, -0.010146f, 0.016114f},
                                   {0.160885f, 0.071207f, -0.020867f, -0.004490f, 0.007132f},
                                   {-0.047149f, -0.020867f, 0.006115f, 0.001316f, -0.002090f},
                                   {-0.010146f, -0.004490f, 0.001316f, 0.000283f, -0.000450f},
                                   {0.016114f, 0.007132f, -0.002090f, -0.000450f, 0.000714f}};

constexpr std::array<float, 81> low_pass() {
  std::array<float, 81> weights{};
  for (int v = -4; v <= 4; ++v)
    for (int u = -4; u <= 4; ++u) weights[static_cast<std::size_t>((v + 4) * 9 + u + 4)] = kQuadrant[v < 0 ? -v : v][u < 0 ? -u : u];
  return weights;
}
constexpr std::array<float, 81> kLowPass = low_pass();

double similarity(const FramePair& pair, const Format& format) {
  Plane x = luma(pair.reference, format.height, format.width), y = luma(pair.candidate, format.height, format.width);
  double product = 1;
  for (std::size_t scale = 0;; ++scale) {
    const LumaSums mean = mean_terms(x, y, format.simd, threads_a_frame(format));
    const double weight = kFloat32ScaleWeights[scale];
    product *= std::pow(mean.contrast, weight) * std::pow(std::max(0.0, mean.structure), weight);
    if (scale + 1 == kScales) return product * std::pow(mean.luminance, weight);
    const Reduction half{.factor = 2, .taps = 9, .weights = kLowPass};
    x = reduced(x, half, format.simd);
    y = reduced(y, half, format.simd);
  }
}

}  // namespace

extern const Metric msssim_vmaf;
const Metric msssim_vmaf{
    .info = {.id = "msssim.vmaf",
             .summary = "multi-scale structural similarity as libvmaf's float_ms_ssim: luma, scales by a 9/7 wavelet's low-pass filter",
             .unit = "1",
             .colour = "Y BT.601 full range",
             .range = "0..255",
             .direction = Direction::higher_is_better,
             .in_order = false,
             .scores = {"msssim.vmaf"},
             .by_default = false},
    .begin =
        [](const Format& format, const Parameters&) {
          require_side("msssim.vmaf", format, 176, "at its last scale the window would not fit");
          return score_frames("msssim.vmaf", format, [format](const FramePair& pair) { return similarity(pair, format); });
        },
};

}  // namespace wan::metrics
