// Frames of one colour, whichever it is, where the reference has a picture: the standard deviation of every channel is at most
// `deviation`. The reference counts as constant up to twice that, so a flat scene at the limit does not fire because of some noise.
// Sums are integers, so the variance is exact before its one division.
#include <algorithm>

#include "metrics/frame_finding.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

// The largest of the three channels' variances.
double variance(const FrameStatistics& frame, double pixels) {
  double largest = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    const double mean = static_cast<double>(frame.colour.sum[c]) / pixels;
    largest = std::max(largest, static_cast<double>(frame.colour.squares[c]) / pixels - mean * mean);
  }
  return largest;
}

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  const double limit = get_number(parameters, "deviation") * get_number(parameters, "deviation");
  const double pixels = static_cast<double>(statistics.pixels());
  std::vector<FrameFault> frames;
  for (std::size_t i = 0; i < statistics.pairs.size(); ++i)
    frames.push_back({.candidate = variance(statistics.candidate[i], pixels) <= limit,
                      .reference = variance(statistics.reference[i], pixels) <= 4 * limit});
  return {.artifacts = {judge_frames("constant_frame", "of one colour", frames)}};
}

}  // namespace

extern const Metric constant_frame;
const Metric constant_frame{
    .info = {.id = "constant_frame",
             .summary = "fires on frames of one colour where the reference has a picture",
             .parameters = {{.name = "deviation",
                             .help = "largest standard deviation of a channel, in levels of 255",
                             .default_value = 1.0,
                             .minimum = 0.0,
                             .maximum = 64.0}},
             .detector = true},
    .judge = judge,
};

}  // namespace wan::metrics
