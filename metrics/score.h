// What metrics give: scores, findings of detectors, and what a metric tells of itself. No dependencies but engine/base.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/parameter.h"

namespace wan::metrics {

enum class Direction { higher_is_better, lower_is_better, none };
const char* to_string(Direction direction);

// A per-frame profile pooled over the clip. Percentiles interpolate linearly between order statistics (numpy's default).
struct Pooled {
  double mean = 0, min = 0, max = 0, p5 = 0, p95 = 0;
  bool operator==(const Pooled&) const = default;
};

// The same score of another clip.
struct Profile {
  std::vector<double> per_frame = {};
  Pooled pooled = {};
  bool operator==(const Profile&) const = default;
};

struct Score {
  std::string metric;             // id of the score: psnr.pooled, ssim.ipol, lpips.alex
  int version = 1;                // bumped with every change of arithmetic
  std::string options_hash = {};  // of the resolved options; empty where a metric has none
  std::string unit = {};          // dB, 1
  std::string colour = {};        // what the arithmetic saw: RGB, "Y BT.601"; empty where a score is not of pixels
  std::string range = {};         // of its values: 0..255, -1..1
  std::string pooling = {};       // how `pooled.mean` came of the frames: mean, clip (of the whole clip at once)
  Direction direction = Direction::none;
  std::vector<double> per_frame = {};
  Pooled pooled = {};
  std::optional<Profile> reference = {};  // of scores of one clip: the reference's own
  std::string error = {};                 // not empty: there is no number, and this says why
  bool operator==(const Score&) const = default;
};

// One detector's word on one clip, relative to the baseline clip.
struct ArtifactFinding {
  std::string detector;  // black_frame, frozen, constant_frame, nonfinite, ...
  bool fired = false;
  std::vector<std::int64_t> frames = {};  // where
  std::string detail = {};
  bool operator==(const ArtifactFinding&) const = default;
};

struct QualityScores {
  std::vector<Score> scores = {};
  std::vector<ArtifactFinding> artifacts = {};
  const Score* find(const std::string& metric) const;  // nullptr if absent
  bool operator==(const QualityScores&) const = default;
};

struct MetricInfo {
  std::string id;
  int version = 1;
  std::string summary;  // one sentence
  std::string unit = {};
  std::string colour = {}, range = {};  // of all its scores, as in Score
  Direction direction = Direction::none;
  bool in_order = true;  // frames must arrive in order, one at a time
  std::vector<ParameterInfo> parameters = {};
  std::vector<std::string> scores = {};  // ids of the scores it gives; empty for a detector
  bool detector = false;                 // gives one ArtifactFinding, named by its id, silent or not
  bool needs_reference = true;           // false: judges the candidate alone
  bool caches_reference = false;         // keeps work on the reference clip in the ScoreCache
  bool by_default = true;                // false: runs only where it is asked for by name
};

}  // namespace wan::metrics
