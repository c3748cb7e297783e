// Smooth gradients that have become steps. Counted are the places where luma is equal over three pixels, then steps by 2 to 24 levels, then
// is equal over three pixels again; CAMBI (Tandon et al. 2021) looks for the same steps at several scales.
#include <algorithm>

#include "metrics/frame_finding.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  const double share = get_number(parameters, "share"), ratio = get_number(parameters, "ratio");
  const double pixels = static_cast<double>(statistics.pixels());
  Excess excess{.quantity = "share of pixels at the edges of bands"};
  for (std::size_t i = 0; i < statistics.pairs.size(); ++i) {
    const double reference = static_cast<double>(statistics.reference[i].bands) / pixels;
    const double candidate = static_cast<double>(statistics.candidate[i].bands) / pixels;
    excess.value.push_back(candidate);
    excess.excess.push_back(std::min(candidate - reference - share, candidate - ratio * reference));
  }
  return {.artifacts = {judge_excess("banding", excess, get_int(parameters, "span"))}};
}

}  // namespace

extern const Metric banding;
const Metric banding{
    .info = {.id = "banding",
             .summary = "fires where gradients of the reference have become steps",
             .parameters =
                 {{.name = "share",
                   .help = "more pixels at such edges than in the reference, as a share",
                   .default_value = 0.004,
                   .minimum = 0.0,
                   .maximum = 1.0},
                  {.name = "ratio", .help = "of their number to the reference's", .default_value = 2.0, .minimum = 1.0, .maximum = 1000.0},
                  {.name = "span", .help = "frames in a row that fire", .default_value = std::int64_t{4}, .minimum = 1, .maximum = 10000}},
             .detector = true},
    .judge = judge,
};

}  // namespace wan::metrics
