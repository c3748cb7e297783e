// Frames that are white in the candidate and not in the reference: overflow in the other direction, or a fade to white. A pixel is bright
// if its smallest channel is at least 230 (kBright); shares as for black_frame.
#include <algorithm>

#include "metrics/frame_finding.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

constexpr double kReferenceShare = 0.90;

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  const double share = get_number(parameters, "share"), pixels = static_cast<double>(statistics.pixels());
  const auto is_white = [&](const FrameStatistics& frame, double limit) {
    return static_cast<double>(frame.colour.bright) >= limit * pixels;
  };
  std::vector<FrameFault> frames;
  for (std::size_t i = 0; i < statistics.pairs.size(); ++i)
    frames.push_back({.candidate = is_white(statistics.candidate[i], share),
                      .reference = is_white(statistics.reference[i], std::min(share, kReferenceShare))});
  return {.artifacts = {judge_frames("white_frame", "white", frames)}};
}

}  // namespace

extern const Metric white_frame;
const Metric white_frame{
    .info = {.id = "white_frame",
             .summary = "fires on frames that are white while the reference's are not",
             .parameters = {{.name = "share",
                             .help = "share of bright pixels that makes a frame white",
                             .default_value = 0.98,
                             .minimum = 0.5,
                             .maximum = 1.0}},
             .detector = true},
    .judge = judge,
};

}  // namespace wan::metrics
