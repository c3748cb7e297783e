// The contract of a metric: one file a metric in metrics/catalogue, which defines `extern const Metric <id>`.
// The framework (metrics/scorer.h) feeds frame pairs, wraps every call in an NVTX range and collects the scores.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "metrics/score.h"

namespace wan::metrics {

// What the frames of a comparison have in common.
struct Format {
  std::int64_t frames = 0, height = 0, width = 0;
  double frames_per_second = 16.0;
  std::string prompt = {};                     // the caption, for metrics of prompt adherence; empty if unknown
  std::int64_t nonfinite_reference = 0;        // NaN or infinite values before clamping, counted by the engine
  std::int64_t nonfinite_candidate = 0;
  std::string data_dir = {};                   // folder of data files (LPIPS weights)
};

// One frame of both clips, each [height, width, 3] uint8 sRGB. `reference` is empty for no-reference use.
struct FramePair {
  std::span<const std::uint8_t> reference;
  std::span<const std::uint8_t> candidate;
};

class MetricRun {
 public:
  virtual ~MetricRun() = default;
  virtual void add(const FramePair& pair, std::int64_t index) = 0;  // index 0, 1, ... in order
  virtual QualityScores finish() = 0;
};

struct Metric {
  MetricInfo info;
  // Starts one comparison. Throws UsageError if the metric cannot be computed on this format (too small, no weights, ...).
  std::unique_ptr<MetricRun> (*begin)(const Format& format, const Parameters& parameters);
};

// Sorted by id; generated from metrics/catalogue.
std::span<const Metric* const> catalogue();

}  // namespace wan::metrics
