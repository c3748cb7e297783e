// Peak signal-to-noise ratio of RGB values, peak 255, as two scores:
//   psnr         per frame; its pooled mean is the mean of dB, infinite as soon as one frame is identical
//   psnr.pooled  dB of the mean squared error of the whole clip, for gates: one bad frame cannot hide behind good ones.
//                It has no value per frame.
#include <cmath>
#include <limits>

#include "metrics/metric.h"
#include "metrics/pooling.h"

namespace wan::metrics {
namespace {

double decibel(std::uint64_t squared_error, std::int64_t values) {
  if (squared_error == 0) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(255.0 * 255.0 / (static_cast<double>(squared_error) / static_cast<double>(values)));
}

QualityScores judge(const Statistics& statistics, const Format&, const Parameters&) {
  const std::int64_t values = statistics.pixels() * 3;
  Score profile{.metric = "psnr"};
  std::uint64_t total = 0;
  for (const PairStatistics& pair : statistics.pairs) {
    profile.per_frame.push_back(decibel(pair.squared_error, values));
    total += pair.squared_error;
  }
  const double pooled = decibel(total, values * statistics.frames());
  Score clip = score_of_clip("psnr.pooled", pooled);
  return {.scores = {std::move(profile), std::move(clip)}};
}

}  // namespace

extern const Metric psnr;
const Metric psnr{
    .info = {.id = "psnr",
             .summary = "peak signal-to-noise ratio of RGB values, per frame and of the clip's mean squared error",
             .unit = "dB",
             .colour = "RGB",
             .range = "0..255",
             .direction = Direction::higher_is_better,
             .scores = {"psnr", "psnr.pooled"}},
    .judge = judge,
    .reads = Reads::squared_error,
};

}  // namespace wan::metrics
