// Values pressed against the ends of the range, 0 or 255, that the reference does not have there: contrast or guidance gone too far.
#include "metrics/clip_profile.h"
#include "metrics/frame_finding.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  const double share = get_number(parameters, "share");
  const auto [reference, candidate] = profiles_of(statistics);
  Excess excess{.quantity = "share of clipped values over the reference's by", .value = difference(candidate.clipped, reference.clipped)};
  for (const double more : excess.value) excess.excess.push_back(more - share);
  return {.artifacts = {judge_excess("clipping", excess, get_int(parameters, "span"))}};
}

}  // namespace

extern const Metric clipping;
const Metric clipping{
    .info = {.id = "clipping",
             .summary = "fires where more values lie at the ends of the range than in the reference",
             .parameters =
                 {{.name = "share",
                   .help = "largest difference of the shares of values at 0 or 255",
                   .default_value = 0.1,
                   .minimum = 0.0,
                   .maximum = 1.0},
                  {.name = "span", .help = "frames in a row that fire", .default_value = std::int64_t{4}, .minimum = 1, .maximum = 10000}},
             .detector = true},
    .judge = judge,
};

}  // namespace wan::metrics
