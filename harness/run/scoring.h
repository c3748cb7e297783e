// Scores of a candidate's clip against its quality baseline's clip, with everything that can go wrong turned into scores that say so.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/video_clip.h"
#include "metrics/score_cache.h"
#include "metrics/scorer.h"

namespace wan::run {

class Scoring {
 public:
  // `metrics`: ids, of metrics or of single scores. Empty: all metrics of the build but `null` that have something to say of the clips.
  Scoring(const std::vector<std::string>& metrics, const std::filesystem::path& data_dir);

  struct Pair {
    const VideoClip& reference;
    const std::string& reference_hash;
    const VideoClip& candidate;
    const std::string& prompt;
  };
  // Never throws for a metric's sake: a metric that fails, or gives NaN, is a score with `error`.
  metrics::QualityScores score(const Pair& pair);
  // Of a clip that has no reference, such as a quality baseline's: what needs none.
  metrics::QualityScores score_alone(const VideoClip& clip, const std::string& prompt);

 private:
  metrics::QualityScores measure(const VideoClip& reference, const VideoClip& candidate, const metrics::ScoreRequest& request);

  metrics::ScoreRequest request_;
  std::vector<metrics::MetricChoice> alone_;  // those of the request's metrics that need no reference
  metrics::ScoreCache cache_;                 // features of the reference clips, which every candidate meets again
};

}  // namespace wan::run
