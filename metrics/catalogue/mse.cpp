// Mean squared error on 0..255 over all three channels: the integer sum of squares divided by H * W * 3, so the value is exact.

#include "metrics/metric.h"

namespace wan::metrics {
namespace {

QualityScores judge(const Statistics& statistics, const Format&, const Parameters&) {
  Score profile{.metric = "mse"};
  for (const PairStatistics& pair : statistics.pairs)
    profile.per_frame.push_back(static_cast<double>(pair.squared_error) / static_cast<double>(statistics.pixels() * 3));
  return {.scores = {std::move(profile)}};
}

}  // namespace

extern const Metric mse;
const Metric mse{
    .info = {.id = "mse",
             .summary = "mean squared error of RGB values on 0..255",
             .unit = "1",
             .colour = "RGB",
             .range = "0..255",
             .direction = Direction::lower_is_better,
             .scores = {"mse"}},
    .judge = judge,
    .reads = Reads::squared_error,
};

}  // namespace wan::metrics
