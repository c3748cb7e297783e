// A picture that has dissolved into noise. Noise is Immerkaer's estimate of its standard deviation; it must be `ratio` times the
// reference's and `level` beyond.
#include "metrics/clip_profile.h"
#include "metrics/frame_finding.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  const double ratio = get_number(parameters, "ratio"), level = get_number(parameters, "level");
  const auto [reference, candidate] = profiles_of(statistics);
  Excess excess{.quantity = "noise of standard deviation", .value = candidate.detail};
  for (std::size_t i = 0; i < reference.detail.size(); ++i)
    excess.excess.push_back(candidate.detail[i] - ratio * reference.detail[i] - level);
  return {.artifacts = {judge_excess("noise_collapse", excess, get_int(parameters, "span"))}};
}

}  // namespace

extern const Metric noise_collapse;
const Metric noise_collapse{
    .info = {.id = "noise_collapse",
             .summary = "fires where the picture has far more noise than the reference",
             .parameters =
                 {{.name = "ratio", .help = "of the noise to the reference's", .default_value = 3.0, .minimum = 1.0, .maximum = 1000.0},
                  {.name = "level",
                   .help = "noise allowed beyond that, standard deviation in levels of 255",
                   .default_value = 4.0,
                   .minimum = 0.0,
                   .maximum = 255.0},
                  {.name = "span", .help = "frames in a row that fire", .default_value = std::int64_t{4}, .minimum = 1, .maximum = 10000}},
             .detector = true},
    .judge = judge,
};

}  // namespace wan::metrics
