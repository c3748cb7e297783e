// Edges that the reference has and the candidate has lost. Compared is the mean square of the luma gradient: a blur of standard deviation s
// widens an edge of width w and lowers it about as w / sqrt(w^2 + 12 s^2), while the grain that a codec takes away hardly counts. Below
// `least` the reference has no edges to lose.
#include "metrics/clip_profile.h"
#include "metrics/frame_finding.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  const double ratio = get_number(parameters, "ratio"), least = get_number(parameters, "least");
  const auto [reference, candidate] = profiles_of(statistics);
  Excess excess{.quantity = "share of the reference's sharpness"};
  for (std::size_t i = 0; i < reference.sharpness.size(); ++i) {
    const double sharp = reference.sharpness[i];
    excess.value.push_back(sharp > 0 ? candidate.sharpness[i] / sharp : 1);
    excess.excess.push_back(sharp < least ? -1 : ratio - excess.value.back());
  }
  return {.artifacts = {judge_excess("blur", excess, get_int(parameters, "span"))}};
}

}  // namespace

extern const Metric blur;
const Metric blur{
    .info =
        {.id = "blur",
         .summary = "fires where edges of the reference are lost",
         .parameters =
             {{.name = "ratio", .help = "least share of the reference's sharpness", .default_value = 0.4, .minimum = 0.0, .maximum = 1.0},
              {.name = "least",
               .help = "mean squared gradient of a reference that has edges, in squares of levels",
               .default_value = 6.0,
               .minimum = 0.0,
               .maximum = 255.0},
              {.name = "span", .help = "frames in a row that fire", .default_value = std::int64_t{4}, .minimum = 1, .maximum = 10000}},
         .detector = true},
    .judge = judge,
};

}  // namespace wan::metrics
