#include "harness/run/teacher_forced.h"

#include <fmt/format.h>

#include <cmath>

#include "metrics/pooling.h"

namespace wan::run {
namespace {

metrics::Score profile(std::string name, metrics::Direction direction, std::vector<double> per_step) {
  metrics::Score score{.metric = std::move(name), .unit = "1", .direction = direction};
  for (std::size_t step = 0; step < per_step.size(); ++step)
    if (std::isnan(per_step[step])) {
      score.error = fmt::format("the velocity of step {} is not a number", step);
      return score;
    }
  score.pooled = metrics::pool(per_step);
  score.per_frame = std::move(per_step);
  return score;
}

}  // namespace

std::vector<metrics::Score> teacher_forced_scores(const ReplayResult& replay) {
  using metrics::Direction;
  if (replay.steps.empty()) return {teacher_forced_failure("the replay has no steps")};
  std::vector<double> error, cosine, high_noise, low_noise;
  for (const StepError& step : replay.steps) {
    error.push_back(step.relative_l2);
    cosine.push_back(step.cosine);
    (step.low_noise ? low_noise : high_noise).push_back(step.relative_l2);
  }
  std::vector<metrics::Score> scores = {profile(kTeacherForcedError, Direction::lower_is_better, error),
                                        profile("teacher_forced.cosine", Direction::higher_is_better, cosine)};
  if (!high_noise.empty())
    scores.push_back(profile(fmt::format("{}.high_noise", kTeacherForcedError), Direction::lower_is_better, high_noise));
  if (!low_noise.empty())
    scores.push_back(profile(fmt::format("{}.low_noise", kTeacherForcedError), Direction::lower_is_better, low_noise));
  return scores;
}

metrics::Score teacher_forced_failure(const std::string& reason) {
  return {.metric = kTeacherForcedError, .unit = "1", .direction = metrics::Direction::lower_is_better, .error = reason};
}

}  // namespace wan::run
