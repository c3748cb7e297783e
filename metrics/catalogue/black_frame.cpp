// Frames that are black in the candidate and not in the reference: what overflow or NaN before clamping looks like in the end.
// A pixel is dark if its largest channel is at most 25 (kDark; a saturated blue is dark by luma, but not black); a frame is black if at
// least `share` of its pixels are dark. FFmpeg's blackdetect has the same two limits, 0.10 of the range and 0.98.
// The reference counts as black from a share of 0.90 on: a night scene at the limit must not fire because of some pixels.
#include <algorithm>

#include "metrics/frame_finding.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

constexpr double kReferenceShare = 0.90;

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  const double share = get_number(parameters, "share"), pixels = static_cast<double>(statistics.pixels());
  const auto is_black = [&](const FrameStatistics& frame, double limit) {
    return static_cast<double>(frame.colour.dark) >= limit * pixels;
  };
  std::vector<FrameFault> frames;
  for (std::size_t i = 0; i < statistics.pairs.size(); ++i)
    frames.push_back({.candidate = is_black(statistics.candidate[i], share),
                      .reference = is_black(statistics.reference[i], std::min(share, kReferenceShare))});
  return {.artifacts = {judge_frames("black_frame", "black", frames)}};
}

}  // namespace

extern const Metric black_frame;
const Metric black_frame{
    .info = {.id = "black_frame",
             .summary = "fires on frames that are black while the reference's are not",
             .parameters = {{.name = "share",
                             .help = "share of dark pixels that makes a frame black",
                             .default_value = 0.98,
                             .minimum = 0.5,
                             .maximum = 1.0}},
             .detector = true},
    .judge = judge,
};

}  // namespace wan::metrics
