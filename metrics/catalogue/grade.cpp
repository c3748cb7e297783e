// Brightness and colour of each frame against the reference's: absolute differences of the frames' means, in levels.
//   grade             of luma
//   grade.cb, .cr     of chroma
//   grade.saturation  of the largest channel less the smallest
#include <cmath>

#include "metrics/clip_profile.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

Score shift(const char* id, const std::vector<double>& candidate, const std::vector<double>& reference) {
  Score score{.metric = id, .per_frame = difference(candidate, reference)};
  for (double& value : score.per_frame) value = std::abs(value);
  return score;
}

QualityScores judge(const Statistics& statistics, const Format&, const Parameters&) {
  const auto [reference, candidate] = profiles_of(statistics);
  return {.scores = {shift("grade", candidate.luma, reference.luma), shift("grade.cb", candidate.cb, reference.cb),
                     shift("grade.cr", candidate.cr, reference.cr), shift("grade.saturation", candidate.saturation, reference.saturation)}};
}

}  // namespace

extern const Metric grade;
const Metric grade{
    .info = {.id = "grade",
             .summary = "differences of the frames' mean brightness, chroma and saturation",
             .unit = "levels",
             .colour = "YCbCr BT.601",
             .range = "0..255",
             .direction = Direction::lower_is_better,
             .scores = {"grade", "grade.cb", "grade.cr", "grade.saturation"}},
    .judge = judge,
};

}  // namespace wan::metrics
