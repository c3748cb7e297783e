// Frames that are black in the candidate and not in the reference: what overflow or NaN before clamping looks like in the end.
// A pixel is dark if its largest channel is at most 25 (kDark; a saturated blue is dark by luma, but not black); a frame is black if at
// least `share` of its pixels are dark. FFmpeg's blackdetect has the same two limits, 0.10 of the range and 0.98.
#include "metrics/frame_finding.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  return {.artifacts = {judge_share("black_frame", "black", statistics, &ColourSums::dark, get_number(parameters, "share"))}};
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
