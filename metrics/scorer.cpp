#include "metrics/scorer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <memory>
#include <mutex>
#include <nvtx3/nvtx3.hpp>
#include <set>
#include <thread>

#include "engine/base/error.h"
#include "engine/base/sha256.h"
#include "metrics/metric.h"
#include "metrics/pooling.h"
#include "metrics/worker_pool.h"

namespace wan::metrics {
namespace {

constexpr double kSameRate = 1e-3;  // relative: 24000/1001 and 23.976 are one rate

struct NvtxDomain {
  static constexpr const char* name = "wan.metrics";
};
using Range = nvtx3::scoped_range_in<NvtxDomain>;

// One metric with one set of parameters, during one comparison.
struct Feed {
  const Metric* metric = nullptr;
  Parameters parameters = {};
  std::string options_hash = {};
  std::set<std::string> wanted = {};  // score ids
  bool if_it_applies = true;          // nobody asked for it by name
  std::unique_ptr<MetricRun> run = {};
  std::string error = {};
};

std::string hash_options(const Parameters& parameters) {
  if (parameters.empty()) return {};
  std::string text;
  for (const auto& [name, value] : parameters) text += fmt::format("{}={}\n", name, wan::to_string(value));
  return sha256_hex(text).substr(0, 16);
}

bool gives(const Metric& metric, const std::string& id) {
  const auto& scores = metric.info.scores;
  return metric.info.id == id || std::find(scores.begin(), scores.end(), id) != scores.end();
}

const Metric* find_metric(const std::string& id) {
  for (const Metric* metric : catalogue())
    if (metric->info.id == id) return metric;
  for (const Metric* metric : catalogue())
    if (gives(*metric, id)) return metric;
  return nullptr;
}

std::string unknown_id(const std::string& id) {
  std::set<std::string> known;
  for (const Metric* metric : catalogue()) {
    known.insert(metric->info.id);
    known.insert(metric->info.scores.begin(), metric->info.scores.end());
  }
  const std::vector<std::string> ids(known.begin(), known.end());
  const std::string near = nearest_word(id, ids);
  return fmt::format("unknown metric '{}'; {}", id,
                     near.empty() ? fmt::format("this build has {}", fmt::join(ids, ", ")) : fmt::format("did you mean '{}'?", near));
}

// The request as runs: choices of one metric with equal parameters share one.
std::vector<Feed> resolve(const std::vector<MetricChoice>& choices) {
  std::vector<Feed> feeds;
  std::vector<std::string> faults;
  for (const MetricChoice& choice : choices) {
    const Metric* metric = find_metric(choice.id);
    if (!metric) {
      faults.push_back(unknown_id(choice.id));
      continue;
    }
    Parameters parameters = resolve_parameters(metric->info.parameters, choice.parameters, "metric " + choice.id);
    const std::string hash = hash_options(parameters);
    auto feed = std::find_if(feeds.begin(), feeds.end(), [&](const Feed& f) { return f.metric == metric && f.options_hash == hash; });
    if (feed == feeds.end())
      feed = feeds.insert(feeds.end(), Feed{.metric = metric, .parameters = std::move(parameters), .options_hash = hash});
    if (choice.id == metric->info.id)
      feed->wanted.insert(metric->info.scores.begin(), metric->info.scores.end());
    else
      feed->wanted.insert(choice.id);
    feed->if_it_applies = feed->if_it_applies && choice.if_it_applies;
  }
  if (!faults.empty()) throw UsageError(fmt::format("{}", fmt::join(faults, "\n")));
  return feeds;
}

void check_clips(const ClipFormat& reference, const ClipFormat& candidate) {
  const auto describe = [](const ClipFormat& c) { return fmt::format("{} frames of {}x{}", c.frames, c.width, c.height); };
  if (reference.frames != candidate.frames || reference.height != candidate.height || reference.width != candidate.width)
    throw UsageError(fmt::format("the clips differ: reference {}, candidate {}; metrics compare frame by frame, without resizing",
                                 describe(reference), describe(candidate)));
  if (reference.frames <= 0 || reference.height <= 0 || reference.width <= 0)
    throw UsageError(fmt::format("there is nothing to compare: both clips are {}", describe(reference)));
  const double rate = reference.frames_per_second, other = candidate.frames_per_second;
  if (reference.rate_known && candidate.rate_known && std::abs(rate - other) > kSameRate * rate)
    throw UsageError(
        fmt::format("the clips differ: reference {:g} frames per second, candidate {:g}; equal indices are not equal times, so "
                    "bring both to one rate",
                    rate, other));
}

void check_pixels(const VideoClip& clip) {
  WAN_CHECK(clip.rgb.size() == static_cast<std::size_t>(clip.frames * clip.height * clip.width * 3), "{} bytes for {} frames of {}x{}",
            clip.rgb.size(), clip.frames, clip.width, clip.height);
}

// One frame of both clips, for as long as it is needed.
struct Slot {
  std::vector<std::uint8_t> reference_buffer, candidate_buffer;  // empty where the source has the frames in memory
  std::vector<std::uint8_t> reference_luma, candidate_luma;      // empty unless statistics are wanted
  FramePair pair = {};
};

// Walks the frames once, a few at a time: while some are measured, the next ones are read. What needs order is done by the caller's thread,
// the rest by whoever is free.
class Pass {
 public:
  Pass(ClipSource& reference, ClipSource& candidate, std::vector<Feed>& feeds, const Format& format)
      : reference_(reference),
        candidate_(candidate),
        feeds_(feeds),
        simd_(format.simd),
        first_(feeds.size(), format.frames),
        failure_(feeds.size()) {
    for (const Feed& feed : feeds)
      if (feed.metric->judge) reads_ = std::max(reads_, feed.metric->reads);
    const bool free_order = std::any_of(feeds.begin(), feeds.end(), [](const Feed& f) { return f.run && !f.metric->info.in_order; });
    // Starting a thread costs about as much as the cheapest metric on a quarter of a megabyte.
    const auto bytes = static_cast<std::int64_t>(reference.frame_bytes()) * format.frames;
    const auto worthwhile = std::min<std::int64_t>(format.frames, (bytes >> 18) + 1);
    threads_ = reads_ > Reads::nothing || free_order ? static_cast<int>(std::min<std::int64_t>(format.threads, worthwhile)) : 1;
    chunk_ = std::min({kFramesAThread * threads_, kLargestChunk, format.frames});
    statistics_ = {.height = format.height, .width = format.width};
    const auto frames = static_cast<std::size_t>(format.frames);
    statistics_.pairs.resize(frames);
    if (counts_everything()) statistics_.reference.resize(frames), statistics_.candidate.resize(frames);
    slots_.resize(static_cast<std::size_t>(std::min(2 * chunk_ + kBefore, format.frames)));
    for (Slot& slot : slots_) {
      slot.reference_buffer.resize(reference.buffer_bytes());
      slot.candidate_buffer.resize(candidate.buffer_bytes());
      if (!counts_everything()) continue;
      slot.reference_luma.resize(static_cast<std::size_t>(statistics_.pixels()));
      slot.candidate_luma.resize(slot.reference_luma.size());
    }
  }

  void run() {
    const std::int64_t frames = reference_.format().frames;
    WorkerPool pool(threads_);
    for (const bool of_candidate : {false, true}) read(0, std::min(chunk_, frames), of_candidate);
    for (std::int64_t first = 0; first < frames; first += chunk_) {
      const std::int64_t end = std::min(first + chunk_, frames), next_end = std::min(end + chunk_, frames);
      const std::int64_t reads = end < frames ? 2 : 0;
      pool.run(
          reads + end - first,
          [&](std::int64_t task) {
            if (task < reads) {
              read(end, next_end, task == 1);
            } else {
              measure(first + task - reads);
            }
          },
          [&] {
            // Metrics in order stay on the caller's thread, whose pool of worker threads a network metric then uses.
            for (std::int64_t index = first; index < end; ++index) feed(index, true);
          });
      // Needs the luma of a frame and of those before it.
      if (const std::int64_t from = std::max<std::int64_t>(first, 1); counts_everything() && from < end)
        pool.run(end - from, [&](std::int64_t task) { compare_in_time(from + task); });
    }
    for (std::size_t i = 0; i < feeds_.size(); ++i) {
      if (!failure_[i]) continue;
      try {
        std::rethrow_exception(failure_[i]);
      } catch (const UsageError& e) {
        feeds_[i].error = e.what();
      }
    }
  }

  const Statistics& statistics() const { return statistics_; }

 private:
  static constexpr std::int64_t kFramesAThread = 4;  // of a chunk: a thread that is held up for a moment is not waited for each frame
  static constexpr std::int64_t kLargestChunk = 16;  // frames of 720p in all slots then take 250 MB
  static constexpr std::int64_t kBefore = 2;         // frames that the comparison in time looks back

  bool counts_everything() const { return reads_ == Reads::everything; }
  Slot& slot(std::int64_t index) { return slots_[static_cast<std::size_t>(index) % slots_.size()]; }

  void read(std::int64_t first, std::int64_t end, bool of_candidate) {
    for (std::int64_t index = first; index < end; ++index) {
      Slot& into = slot(index);
      if (of_candidate)
        into.pair.candidate = candidate_.next(into.candidate_buffer);
      else
        into.pair.reference = reference_.next(into.reference_buffer);
    }
  }

  void measure(std::int64_t index) {
    if (reads_ >= Reads::squared_error) {
      const FramePair& pair = slot(index).pair;
      statistics_.pairs[static_cast<std::size_t>(index)].squared_error = squared_error(pair.reference, pair.candidate, simd_);
    }
    if (counts_everything()) count(index);
    feed(index, false);
  }

  void count(std::int64_t index) {
    Slot& now = slot(index);
    const auto at = static_cast<std::size_t>(index);
    const std::int64_t height = statistics_.height, width = statistics_.width;
    statistics_.reference[at] = measure_frame({.rgb = now.pair.reference, .luma = now.reference_luma}, height, width, simd_);
    statistics_.candidate[at] = measure_frame({.rgb = now.pair.candidate, .luma = now.candidate_luma}, height, width, simd_);
    if (index == 0) return;
    const FramePair& before = slot(index - 1).pair;
    statistics_.reference[at].step = absolute_error(now.pair.reference, before.reference, simd_);
    statistics_.candidate[at].step = absolute_error(now.pair.candidate, before.candidate, simd_);
  }

  void compare_in_time(std::int64_t index) {
    const Slot &before = slot(index - 1), &now = slot(index);
    PairStatistics* pairs = statistics_.pairs.data() + index;
    pairs->first = measure_still_step({before.reference_luma, now.reference_luma}, {before.candidate_luma, now.candidate_luma}, simd_);
    if (index < 2) return;
    const Slot& first = slot(index - 2);
    pairs[-1].second = measure_still_flicker({first.reference_luma, before.reference_luma, now.reference_luma},
                                             {first.candidate_luma, before.candidate_luma, now.candidate_luma}, simd_);
  }

  void feed(std::int64_t index, bool in_order) {
    const FramePair& pair = slot(index).pair;
    for (std::size_t i = 0; i < feeds_.size(); ++i) {
      const Feed& feed = feeds_[i];
      if (!feed.run || feed.metric->info.in_order != in_order || (in_order && failure_[i])) continue;
      const Range range{feed.metric->info.id.c_str()};
      try {
        feed.run->add(pair, index);
      } catch (...) {
        keep_failure(i, index);
      }
    }
  }

  // The failure of the earliest frame stands, whichever thread met it first.
  void keep_failure(std::size_t feed, std::int64_t index) {
    const std::lock_guard lock(mutex_);
    if (index >= first_[feed]) return;
    first_[feed] = index;
    failure_[feed] = std::current_exception();
  }

  ClipSource& reference_;
  ClipSource& candidate_;
  std::vector<Feed>& feeds_;
  const Simd simd_;
  Reads reads_ = Reads::nothing;
  int threads_ = 1;
  std::int64_t chunk_ = 1;  // frames measured together
  std::vector<Slot> slots_;
  Statistics statistics_;
  std::mutex mutex_;
  std::vector<std::int64_t> first_;
  std::vector<std::exception_ptr> failure_;
};

bool keeps_work_on_reference(const std::vector<MetricChoice>& choices) {
  return std::any_of(choices.begin(), choices.end(), [](const MetricChoice& choice) {
    const Metric* metric = find_metric(choice.id);
    return metric && metric->info.caches_reference;
  });
}

// Runs `step` of a feed; a UsageError becomes its error.
template <typename Step>
void guarded(Feed& feed, Step step) {
  const Range range{feed.metric->info.id.c_str()};
  try {
    step();
  } catch (const UsageError& e) {
    feed.error = e.what();
  }
}

void label(Score& score, const Feed& feed) {
  const MetricInfo& info = feed.metric->info;
  score.version = info.version;
  score.options_hash = feed.options_hash;
  score.unit = info.unit;
  score.colour = info.colour;
  score.range = info.range;
  score.direction = info.direction;
}

void collect(Feed& feed, const Statistics& statistics, const Format& format, QualityScores& out) {
  QualityScores given;
  if (feed.error.empty())
    guarded(feed, [&] { given = feed.run ? feed.run->finish() : feed.metric->judge(statistics, format, feed.parameters); });
  if (!feed.error.empty()) {
    // A detector has no score of its own, so its id stands for it.
    if (feed.wanted.empty()) feed.wanted.insert(feed.metric->info.id);
    for (const std::string& id : feed.wanted) {
      label(out.scores.emplace_back(Score{.metric = id, .error = feed.error}), feed);
    }
    return;
  }
  for (Score& score : given.scores) {
    WAN_CHECK(gives(*feed.metric, score.metric), "metric {} gives '{}', which its info does not list", feed.metric->info.id, score.metric);
    if (!feed.wanted.contains(score.metric)) continue;
    label(score, feed);
    if (score.pooling.empty()) score.pooling = score.per_frame.empty() ? "clip" : "mean";
    if (!score.per_frame.empty()) score.pooled = pool(score.per_frame);
    if (score.reference && !score.reference->per_frame.empty()) score.reference->pooled = pool(score.reference->per_frame);
    out.scores.push_back(std::move(score));
  }
  for (ArtifactFinding& finding : given.artifacts) out.artifacts.push_back(std::move(finding));
}

}  // namespace

QualityScores score(ClipSource& reference, ClipSource& candidate, const ScoreRequest& request) {
  std::vector<Feed> feeds = resolve(request.metrics);
  check_clips(reference.format(), candidate.format());
  const ClipFormat& clip = reference.format();
  const int threads = request.threads > 0 ? request.threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  SharedWork shared;
  const Format format{.frames = clip.frames,
                      .height = clip.height,
                      .width = clip.width,
                      .frames_per_second = clip.frames_per_second,
                      .prompt = request.prompt,
                      .nonfinite_reference = clip.nonfinite_values,
                      .nonfinite_candidate = candidate.format().nonfinite_values,
                      .data_dir = request.data_dir,
                      .cache = request.reference_hash.empty() ? nullptr : request.cache,
                      .threads = threads,
                      .shared = &shared,
                      .reference_hash = request.reference_hash,
                      .simd = request.simd};
  std::erase_if(feeds, [&](const Feed& f) { return f.if_it_applies && f.metric->applies && !f.metric->applies(format); });
  for (Feed& feed : feeds)
    if (feed.metric->begin) guarded(feed, [&] { feed.run = feed.metric->begin(format, feed.parameters); });
  Pass pass(reference, candidate, feeds, format);
  pass.run();
  QualityScores scores;
  for (Feed& feed : feeds) collect(feed, pass.statistics(), format, scores);
  return scores;
}

QualityScores score(const VideoClip& reference, const VideoClip& candidate, const ScoreRequest& request) {
  check_pixels(reference);
  check_pixels(candidate);
  ScoreRequest with_hash = request;
  if (request.cache && request.reference_hash.empty() && keeps_work_on_reference(request.metrics))
    with_hash.reference_hash = reference.content_hash();
  return score(*source_of(reference), *source_of(candidate), with_hash);
}

std::vector<MetricInfo> list_metrics() {
  std::vector<MetricInfo> infos;
  for (const Metric* metric : catalogue()) infos.push_back(metric->info);
  std::sort(infos.begin(), infos.end(), [](const MetricInfo& a, const MetricInfo& b) { return a.id < b.id; });
  return infos;
}

std::vector<MetricChoice> default_metrics() {
  std::vector<MetricChoice> choices;
  for (const MetricInfo& info : list_metrics())
    if (info.by_default) choices.push_back({.id = info.id, .if_it_applies = true});
  return choices;
}

}  // namespace wan::metrics
