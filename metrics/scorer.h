// Scores a candidate clip against a reference clip with a list of metrics: one pass over the frames, all metrics fed together.
// The numbers do not depend on the number of threads, on the other metrics asked for, or on the cache.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/clip_source.h"
#include "engine/base/video_clip.h"
#include "metrics/kernels/simd.h"
#include "metrics/score.h"
#include "metrics/score_cache.h"

namespace wan::metrics {

struct MetricChoice {
  std::string id;  // of a metric (all its scores) or of one score that a metric gives
  Parameters parameters = {};
  bool if_it_applies = false;  // leave it out where the metric has nothing to say of such clips, or runs by name only
};

struct ScoreRequest {
  std::vector<MetricChoice> metrics;
  std::string prompt = {};
  std::string data_dir = {};
  ScoreCache* cache = nullptr;      // several candidates of one reference: work on the reference is kept here
  std::string reference_hash = {};  // the reference's VideoClip::content_hash() if the caller has it; else computed when a metric needs it
  int threads = 0;                  // 0: as many as the machine has
  Simd simd = best_simd();          // of the kernels; a narrower one for tests
};

// Throws UsageError if ids or parameters are wrong, or the clips differ in size, length or frame rate. A metric that cannot be computed on
// these clips gives a Score with `error` and no number. Scores stand in the order of the request; a detector always gives its finding.
QualityScores score(const VideoClip& reference, const VideoClip& candidate, const ScoreRequest& request);
// The same frame by frame: memory does not grow with the clips' length. Nothing is kept in the cache unless `reference_hash` is given.
// Throws also what the sources throw.
QualityScores score(ClipSource& reference, ClipSource& candidate, const ScoreRequest& request);

// Every metric of this build, sorted by id.
std::vector<MetricInfo> list_metrics();
// What is computed where nobody names metrics: each that runs by default, where it has something to say of the clips.
std::vector<MetricChoice> default_metrics();

}  // namespace wan::metrics
