#include "harness/run/scoring.h"

#include <algorithm>
#include <cmath>
#include <exception>

namespace wan::run {
namespace {

constexpr const char* kNull = "null";  // measures the framework; no figure of a clip

bool is_number(const metrics::Score& score) {
  const auto nan = [](double value) { return std::isnan(value); };
  return !nan(score.pooled.mean) && std::none_of(score.per_frame.begin(), score.per_frame.end(), nan);
}

std::vector<std::string> default_metrics() {
  std::vector<std::string> ids;
  for (const auto& metric : metrics::list_metrics())
    if (metric.id != kNull) ids.push_back(metric.id);
  return ids;
}

}  // namespace

Scoring::Scoring(const std::vector<std::string>& metrics, const std::filesystem::path& data_dir) {
  request_.data_dir = data_dir.string();
  for (const auto& id : metrics.empty() ? default_metrics() : metrics) request_.metrics.push_back({.id = id});
}

metrics::QualityScores Scoring::score(const Pair& pair) {
  request_.prompt = pair.prompt;
  request_.cache = &cache_;
  request_.reference_hash = pair.reference_hash;
  metrics::QualityScores scores;
  try {
    scores = metrics::score(pair.reference, pair.candidate, request_);
  } catch (const std::exception& error) {
    for (const auto& choice : request_.metrics) scores.scores.push_back({.metric = choice.id, .error = error.what()});
    return scores;
  }
  for (auto& score : scores.scores)
    if (score.error.empty() && !is_number(score))
      score = {.metric = score.metric,
               .version = score.version,
               .options_hash = score.options_hash,
               .unit = score.unit,
               .direction = score.direction,
               .error = "the metric gave NaN"};
  return scores;
}

}  // namespace wan::run
