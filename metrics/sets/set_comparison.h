// The door of this room: how far two sets of clips are apart.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "metrics/sets/bootstrap.h"
#include "metrics/sets/extractor.h"

namespace wan::metrics::sets {

// A clip that is read when its turn comes.
struct SetClip {
  std::string name;
  std::function<VideoClip()> read;
};

struct SetRequest {
  std::vector<std::string> metrics = {};  // of set_metrics(); empty: all
  std::int64_t frames = 0;                // the first so many of each clip; 0: all
  BootstrapPlan bootstrap = {};           // resamples = 0: no interval
};

struct SetScore {
  std::string metric;  // frechet.lpips_vgg, fvd.i3d400, mmd.kid.lpips_vgg
  int version = 1;
  std::string definition;  // normaliser of the covariance and algorithm, or kernel and estimator
  double value = 0;
  std::optional<Interval> interval = {};
  std::string error = {};  // not empty: there is no number, and this says why
};

struct SetComparison {
  ExtractorInfo extractor = {};
  std::int64_t dimension = 0;
  std::int64_t reference_clips = 0, candidate_clips = 0;
  std::int64_t frames = 0, height = 0, width = 0;  // of each clip, as used
  BootstrapPlan bootstrap = {};
  std::vector<SetScore> scores = {};
};

// frechet, mmd.kid (unbiased, or unbiased_paired), mmd.jedi.
std::vector<std::string> set_metrics();

// Clips are read and reduced one after the other. If bootstrap.paired, clip i of both sets belongs together. Throws UsageError if a metric
// is unknown, paired sets differ in length, or clips differ in size or length.
SetComparison compare_sets(std::span<const SetClip> reference, std::span<const SetClip> candidate, Extractor& extractor,
                           const SetRequest& request);

// {"schema":1,"extractor":{...},"frames":...,"paired":...,"scores":[{"metric":...,"value":...,"interval":{...}}]}
std::string to_json(const SetComparison& comparison);

}  // namespace wan::metrics::sets
