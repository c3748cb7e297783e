// The contract of a metric: one file a metric in metrics/catalogue, which defines `extern const Metric <id with _ for .>`.
// The framework (metrics/scorer.h) feeds frame pairs, wraps every call in an NVTX range and collects, labels and pools the scores.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "metrics/kernels/simd.h"
#include "metrics/score.h"
#include "metrics/score_cache.h"
#include "metrics/shared_work.h"
#include "metrics/statistics.h"

namespace wan::metrics {

// What the frames of a comparison have in common.
struct Format {
  std::int64_t frames = 0, height = 0, width = 0;
  double frames_per_second = 16.0;
  std::string prompt = {};               // the caption, for metrics of prompt adherence; empty if unknown
  std::int64_t nonfinite_reference = 0;  // NaN or infinite values before clamping, counted by the engine
  std::int64_t nonfinite_candidate = 0;
  std::string data_dir = {};        // folder of data files (LPIPS weights)
  ScoreCache* cache = nullptr;      // what may be kept for the next comparison; nullptr: nothing
  int threads = 1;                  // that a metric may use
  SharedWork* shared = nullptr;     // what metrics of this comparison compute together; never nullptr in begin()
  std::string reference_hash = {};  // content hash of the reference clip; set if `cache` is and the metric wants it
  Simd simd = best_simd();          // instruction set of the kernels; no number depends on it
};

// One frame of both clips, each [height, width, 3] uint8 sRGB. `reference` is empty for no-reference use.
struct FramePair {
  std::span<const std::uint8_t> reference;
  std::span<const std::uint8_t> candidate;
};

// A UsageError thrown by any of these calls becomes a Score with `error`; the other metrics go on.
class MetricRun {
 public:
  virtual ~MetricRun() = default;
  // Every index once. If MetricInfo.in_order: 0, 1, 2, ... from one thread; else in any order and from several threads at once, so such
  // a metric only writes what belongs to `index`. The pixels are gone after the call.
  virtual void add(const FramePair& pair, std::int64_t index) = 0;
  // Fills `metric` and `per_frame` of each score, or `pooled` where a score has no value per frame; the framework adds the rest.
  virtual QualityScores finish() = 0;
};

// What a judge reads of the statistics: what nobody reads is not counted.
enum class Reads { nothing, squared_error, everything };

struct Metric {
  MetricInfo info;
  // One of the two is set.
  // Starts one comparison that sees pixels. Throws UsageError if it cannot be computed on this format (too small, no weights, ...).
  std::unique_ptr<MetricRun> (*begin)(const Format& format, const Parameters& parameters) = nullptr;
  // Reads what the one pass over both clips has counted; such metrics together cost as much as one of them. Errors as for begin.
  QualityScores (*judge)(const Statistics& statistics, const Format& format, const Parameters& parameters) = nullptr;
  Reads reads = Reads::everything;
  // Whether the metric has anything to say of such clips; where it has not, it is left out unless asked for by name. nullptr: of all.
  bool (*applies)(const Format& format) = nullptr;
};

// Sorted by file name; generated from metrics/catalogue.
std::span<const Metric* const> catalogue();

}  // namespace wan::metrics
