// How the candidate moves, compared with the reference: both clips' profiles of the mean absolute difference of neighbouring frames, RGB.
//   motion              ratio of the means: 1 keeps the amount of motion, below it motion is lost, above it flicker or noise is added
//   motion.worst        largest |log2| of the ratio of one step, steps lifted by half a level so that stillness has no infinite ratio
//   motion.correlation  Pearson's r of the profiles; 1 if both are constant
// None of them has a value per frame.
#include <algorithm>
#include <cmath>

#include "engine/base/error.h"
#include "metrics/clip_profile.h"
#include "metrics/metric.h"
#include "metrics/pooling.h"

namespace wan::metrics {
namespace {

constexpr double kLift = 0.5;  // levels

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const double mean_a = mean(a), mean_b = mean(b);
  double cross = 0, square_a = 0, square_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    cross += (a[i] - mean_a) * (b[i] - mean_b);
    square_a += (a[i] - mean_a) * (a[i] - mean_a);
    square_b += (b[i] - mean_b) * (b[i] - mean_b);
  }
  if (square_a == 0 || square_b == 0) return square_a == square_b ? 1 : 0;
  return cross / std::sqrt(square_a * square_b);
}

QualityScores judge(const Statistics& statistics, const Format&, const Parameters&) {
  if (statistics.frames() < 2) throw UsageError("motion compares neighbouring frames, and this clip has one");
  const auto profiles = profiles_of(statistics);
  const auto &reference = profiles.reference.step, &candidate = profiles.candidate.step;
  double worst = 0;
  for (std::size_t i = 0; i < reference.size(); ++i)
    worst = std::max(worst, std::abs(std::log2((candidate[i] + kLift) / (reference[i] + kLift))));
  const double ratio = mean(reference) == mean(candidate) ? 1 : mean(candidate) / mean(reference);
  return {.scores = {score_of_clip("motion", ratio), score_of_clip("motion.worst", worst),
                     score_of_clip("motion.correlation", correlation(reference, candidate))}};
}

}  // namespace

extern const Metric motion;
const Metric motion{
    .info = {.id = "motion",
             .summary = "the candidate's profile of motion against the reference's: ratio, worst step, correlation",
             .unit = "1",
             .colour = "RGB",
             .range = "0..255",
             .scores = {"motion", "motion.worst", "motion.correlation"}},
    .judge = judge,
    .applies = [](const Format& format) { return format.frames >= 2; },
};

}  // namespace wan::metrics
