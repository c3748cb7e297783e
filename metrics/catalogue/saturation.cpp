// Colours that are paler or stronger than the reference's. Saturation is a pixel's largest channel less its smallest; both the ratio of the
// means and their difference must be beyond a limit: in a grey scene a ratio means little.
#include <algorithm>

#include "metrics/clip_profile.h"
#include "metrics/frame_finding.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  const double ratio = get_number(parameters, "ratio"), level = get_number(parameters, "level");
  const auto profiles = profiles_of(statistics);
  const auto reference = moving_median(profiles.reference.saturation, 2), candidate = moving_median(profiles.candidate.saturation, 2);
  Excess excess{.quantity = "mean saturation differs by", .value = difference(candidate, reference)};
  for (std::size_t i = 0; i < candidate.size(); ++i) {
    const auto [low, high] = std::minmax(candidate[i], reference[i]);
    excess.excess.push_back(std::min(high - low - level, high - ratio * low));
  }
  return {.artifacts = {judge_excess("saturation", excess, get_int(parameters, "span"))}};
}

}  // namespace

extern const Metric saturation;
const Metric saturation{
    .info = {.id = "saturation",
             .summary = "fires where colours are paler or stronger than the reference's",
             .parameters =
                 {{.name = "ratio",
                   .help = "largest ratio of mean saturation, either way",
                   .default_value = 1.33,
                   .minimum = 1.01,
                   .maximum = 100.0},
                  {.name = "level",
                   .help = "least difference of mean saturation, in levels of 255",
                   .default_value = 6.0,
                   .minimum = 0.0,
                   .maximum = 255.0},
                  {.name = "span", .help = "frames in a row that fire", .default_value = std::int64_t{4}, .minimum = 1, .maximum = 10000}},
             .detector = true},
    .judge = judge,
};

}  // namespace wan::metrics
