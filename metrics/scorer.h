// Scores a candidate clip against a reference clip with a list of metrics: one pass over the frames, all metrics fed together.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/base/video_clip.h"
#include "metrics/score.h"

namespace wan::metrics {

struct MetricChoice {
  std::string id;                 // a catalogue id, or a score id that one of its metrics gives
  Parameters parameters = {};
};

struct ScoreRequest {
  std::vector<MetricChoice> metrics;
  std::string prompt = {};
  std::string data_dir = {};
};

// Throws UsageError if ids are unknown or the clips differ in size or length. A metric that cannot be computed gives a Score with `error`.
QualityScores score(const VideoClip& reference, const VideoClip& candidate, const ScoreRequest& request);

// Every metric of this build, sorted by id.
std::vector<MetricInfo> list_metrics();

}  // namespace wan::metrics
