#include "harness/run/scoring.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <iterator>

namespace wan::run {
namespace {

bool is_number(const metrics::Score& score) {
  const auto nan = [](double value) { return std::isnan(value); };
  return !nan(score.pooled.mean) && std::none_of(score.per_frame.begin(), score.per_frame.end(), nan);
}

bool needs_no_reference(const metrics::MetricChoice& choice) {
  const auto known = metrics::list_metrics();
  return std::any_of(known.begin(), known.end(), [&](const metrics::MetricInfo& metric) {
    const bool gives = metric.id == choice.id || std::find(metric.scores.begin(), metric.scores.end(), choice.id) != metric.scores.end();
    return gives && !metric.needs_reference;
  });
}

}  // namespace

Scoring::Scoring(const std::vector<std::string>& metrics, const std::filesystem::path& data_dir) {
  request_.data_dir = data_dir.string();
  for (const auto& id : metrics) request_.metrics.push_back({.id = id});
  if (metrics.empty()) request_.metrics = metrics::default_metrics();
  std::copy_if(request_.metrics.begin(), request_.metrics.end(), std::back_inserter(alone_), needs_no_reference);
}

metrics::QualityScores Scoring::score(const Pair& pair) {
  metrics::ScoreRequest request = request_;
  request.prompt = pair.prompt;
  request.cache = &cache_;
  request.reference_hash = pair.reference_hash;
  return measure(pair.reference, pair.candidate, request);
}

metrics::QualityScores Scoring::score_alone(const VideoClip& clip, const std::string& prompt) {
  metrics::ScoreRequest request = request_;
  request.metrics = alone_;
  request.prompt = prompt;
  return measure(clip, clip, request);
}

metrics::QualityScores Scoring::measure(const VideoClip& reference, const VideoClip& candidate, const metrics::ScoreRequest& request) {
  metrics::QualityScores scores;
  try {
    scores = metrics::score(reference, candidate, request);
  } catch (const std::exception& error) {
    for (const auto& choice : request.metrics) scores.scores.push_back({.metric = choice.id, .error = error.what()});
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
