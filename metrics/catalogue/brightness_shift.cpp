// A lasting difference of brightness from the reference: a wrong offset, a fade to white that grows with the frames. Compared are means of
// luma, as medians over five frames, so that a single frame is the business of `flash`.
#include <cmath>

#include "metrics/clip_profile.h"
#include "metrics/frame_finding.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  const double level = get_number(parameters, "level");
  const auto [reference, candidate] = profiles_of(statistics);
  Excess excess{.quantity = "brightness differs by", .value = moving_median(difference(candidate.luma, reference.luma), 2)};
  for (const double shift : excess.value) excess.excess.push_back(std::abs(shift) - level);
  return {.artifacts = {judge_excess("brightness_shift", excess, get_int(parameters, "span"))}};
}

}  // namespace

extern const Metric brightness_shift;
const Metric brightness_shift{
    .info = {.id = "brightness_shift",
             .summary = "fires where the mean brightness stays away from the reference's",
             .parameters =
                 {{.name = "level",
                   .help = "largest difference of mean luma, in levels of 255",
                   .default_value = 8.0,
                   .minimum = 0.5,
                   .maximum = 255.0},
                  {.name = "span", .help = "frames in a row that fire", .default_value = std::int64_t{4}, .minimum = 1, .maximum = 10000}},
             .detector = true},
    .judge = judge,
};

}  // namespace wan::metrics
