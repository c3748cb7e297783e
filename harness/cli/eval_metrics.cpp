#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "engine/base/error.h"
#include "engine/media/clip_file.h"
#include "harness/cli/eval_options.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/resources.h"
#include "harness/store/cell_log.h"
#include "metrics/score_json.h"
#include "metrics/scorer.h"

namespace wan::cli {
namespace {

std::vector<metrics::MetricChoice> choices(const MetricsOptions& options) {
  std::vector<metrics::MetricChoice> choices;
  for (const auto& id : options.metrics) choices.push_back({.id = id});
  return choices.empty() ? metrics::default_metrics() : choices;
}

std::string summary(const metrics::QualityScores& scores) {
  std::string text;
  for (const auto& score : scores.scores) {
    if (!score.error.empty()) {
      text += fmt::format("{:<24} no number: {}\n", score.metric, score.error);
    } else {
      text += fmt::format("{:<24} {:.6g} {}   frames {:.6g} to {:.6g}\n", score.metric, score.pooled.mean, score.unit, score.pooled.min,
                          score.pooled.max);
    }
  }
  for (const auto& finding : scores.artifacts)
    text += fmt::format("{:<24} {}{}\n", finding.detector, finding.fired ? "fired" : "quiet", finding.fired ? ": " + finding.detail : "");
  return text;
}

}  // namespace

int score_clips(const MetricsOptions& options) {
  const auto reference = media::open_clip(options.reference), candidate = media::open_clip(options.candidate);
  const metrics::QualityScores scores =
      metrics::score(*reference, *candidate, {.metrics = choices(options), .prompt = options.prompt, .data_dir = data_dir().string()});
  const std::string json = metrics::scores_to_json(scores) + "\n";
  if (options.json == "-") {
    fmt::print("{}", json);
  } else {
    store::replace_file(std::filesystem::absolute(options.json), json);
  }
  fmt::print(stderr, "{}", summary(scores));
  const bool complete = std::all_of(scores.scores.begin(), scores.scores.end(), [](const auto& score) { return score.error.empty(); });
  return static_cast<int>(complete ? ExitStatus::held : ExitStatus::invalid);
}

}  // namespace wan::cli
