// Frames that are white in the candidate and not in the reference: overflow in the other direction, or a fade to white. A pixel is bright
// if its smallest channel is at least 230 (kBright); shares as for black_frame.
#include "metrics/frame_finding.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  return {.artifacts = {judge_share("white_frame", "white", statistics, &ColourSums::bright, get_number(parameters, "share"))}};
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
