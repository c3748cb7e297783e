// Structural similarity as FFmpeg's filter ssim computes it ("All" of gbrp): windows of 8x8 on a grid of 4 pixels, sample covariance. What
// a side has beyond a multiple of 4 is left out.
#include <numeric>
#include <vector>

#include "metrics/kernels/blocks.h"
#include "metrics/structural/frame_score.h"

namespace wan::metrics {
namespace {

using namespace structural;

double similarity(const FramePair& pair, const Format& format) {
  const BlockKernels& kernels = block_kernels(format.simd);
  const int columns = static_cast<int>(format.width / 4), rows = static_cast<int>(format.height / 4);
  std::vector<int> upper(static_cast<std::size_t>(columns * 3 * 4)), lower(upper.size());
  std::vector<double> sums(static_cast<std::size_t>(columns - 1) * 3);
  for (int row = 0; row < rows; ++row) {
    const std::int64_t at = row * 4 * format.width * 3;
    kernels.sum(pair.reference.data() + at, pair.candidate.data() + at, format.width * 3, columns, lower.data());
    if (row > 0) kernels.similarity(upper.data(), lower.data(), columns, sums.data());
    upper.swap(lower);
  }
  return std::accumulate(sums.begin(), sums.end(), 0.0) / (static_cast<double>(sums.size()) * (rows - 1));
}

}  // namespace

extern const Metric ssim_ffmpeg;
const Metric ssim_ffmpeg{
    .info = {.id = "ssim.ffmpeg",
             .summary =
                 "structural similarity as FFmpeg's filter ssim on gbrp: 8x8 windows on a grid of 4 pixels, sample covariance, RGB mean",
             .unit = "1",
             .colour = "RGB",
             .range = "0..255",
             .direction = Direction::higher_is_better,
             .in_order = false,
             .scores = {"ssim.ffmpeg"},
             .by_default = false},
    .begin =
        [](const Format& format, const Parameters&) {
          require_side("ssim.ffmpeg", format, 8, "its window does not fit");
          return score_frames("ssim.ffmpeg", format, [format](const FramePair& pair) { return similarity(pair, format); });
        },
};

}  // namespace wan::metrics
