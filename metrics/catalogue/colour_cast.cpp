// A lasting difference of mean chroma from the reference, whichever its direction: a tint over the whole picture.
#include <cmath>

#include "metrics/clip_profile.h"
#include "metrics/frame_finding.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  const double level = get_number(parameters, "level");
  const auto [reference, candidate] = profiles_of(statistics);
  const auto cb = moving_median(difference(candidate.cb, reference.cb), 2), cr = moving_median(difference(candidate.cr, reference.cr), 2);
  Excess excess{.quantity = "mean chroma differs by"};
  for (std::size_t i = 0; i < cb.size(); ++i) {
    excess.value.push_back(std::hypot(cb[i], cr[i]));
    excess.excess.push_back(excess.value.back() - level);
  }
  return {.artifacts = {judge_excess("colour_cast", excess, get_int(parameters, "span"))}};
}

}  // namespace

extern const Metric colour_cast;
const Metric colour_cast{
    .info = {.id = "colour_cast",
             .summary = "fires where the mean colour stays away from the reference's",
             .parameters =
                 {{.name = "level",
                   .help = "largest distance of mean chroma (Cb, Cr), in levels of 255",
                   .default_value = 4.0,
                   .minimum = 0.5,
                   .maximum = 255.0},
                  {.name = "span", .help = "frames in a row that fire", .default_value = std::int64_t{4}, .minimum = 1, .maximum = 10000}},
             .detector = true},
    .judge = judge,
};

}  // namespace wan::metrics
