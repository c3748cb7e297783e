// Peak signal-to-noise ratio as FFmpeg's filter psnr says it at the end of gbrp clips, "average": dB of the squared error averaged over
// frames and over the planes by their area, which for three planes of one size is the clip's mean squared error. It has no value per frame;
// FFmpeg's psnr_avg of a frame is `psnr`. On yuv420p FFmpeg gives 3 to 6 dB more, because two of its planes are small and smooth.
#include <cmath>
#include <limits>

#include "metrics/metric.h"
#include "metrics/pooling.h"

namespace wan::metrics {
namespace {

QualityScores judge(const Statistics& statistics, const Format&, const Parameters&) {
  double mean = 0;  // of the frames' mean squared errors, summed in their order as the filter does
  for (const PairStatistics& pair : statistics.pairs)
    mean += static_cast<double>(pair.squared_error) / static_cast<double>(statistics.pixels() * 3);
  mean /= static_cast<double>(statistics.frames());
  const double average = mean > 0 ? 10 * std::log10(255.0 * 255.0 / mean) : std::numeric_limits<double>::infinity();
  return {.scores = {score_of_clip("psnr.ffmpeg", average)}};
}

}  // namespace

extern const Metric psnr_ffmpeg;
const Metric psnr_ffmpeg{
    .info = {.id = "psnr.ffmpeg",
             .summary = "peak signal-to-noise ratio as FFmpeg's filter psnr on gbrp, the clip's average",
             .unit = "dB",
             .colour = "RGB",
             .range = "0..255",
             .direction = Direction::higher_is_better,
             .scores = {"psnr.ffmpeg"},
             .by_default = false},
    .judge = judge,
    .reads = Reads::squared_error,
};

}  // namespace wan::metrics
