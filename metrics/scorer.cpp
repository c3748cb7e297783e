#include "metrics/scorer.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
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

namespace wan::metrics {
namespace {

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

void check_clips(const VideoClip& reference, const VideoClip& candidate) {
  const auto describe = [](const VideoClip& c) { return fmt::format("{} frames of {}x{}", c.frames, c.width, c.height); };
  if (reference.frames != candidate.frames || reference.height != candidate.height || reference.width != candidate.width)
    throw UsageError(fmt::format("the clips differ: reference {}, candidate {}; metrics compare frame by frame, without resizing",
                                 describe(reference), describe(candidate)));
  if (reference.frames <= 0 || reference.height <= 0 || reference.width <= 0)
    throw UsageError(fmt::format("there is nothing to compare: both clips are {}", describe(reference)));
  for (const VideoClip* clip : {&reference, &candidate})
    WAN_CHECK(clip->rgb.size() == static_cast<std::size_t>(clip->frames * clip->height * clip->width * 3), "{} bytes for {}",
              clip->rgb.size(), describe(*clip));
}

// Walks the frames once and hands each pair to every feed.
class Pass {
 public:
  Pass(const VideoClip& reference, const VideoClip& candidate, std::vector<Feed>& feeds)
      : reference_(reference), candidate_(candidate), feeds_(feeds), first_(feeds.size(), reference.frames), failure_(feeds.size()) {}

  void run(int threads) {
    const bool free_order = std::any_of(feeds_.begin(), feeds_.end(), [](const Feed& f) { return f.run && !f.metric->info.in_order; });
    {
      std::vector<std::jthread> helpers;
      // Starting a thread costs about as much as the cheapest metric on a quarter of a megabyte.
      const auto worthwhile = std::min<std::int64_t>(reference_.frames, static_cast<std::int64_t>(reference_.rgb.size() >> 18) + 1);
      const auto helpers_wanted = free_order ? std::min<std::int64_t>(threads, worthwhile) - 1 : 0;
      for (std::int64_t i = 0; i < helpers_wanted; ++i) helpers.emplace_back([this] { drain(); });
      // Metrics in order stay on the caller's thread, whose pool of worker threads a network metric then uses.
      for (std::int64_t index = 0; index < reference_.frames; ++index) feed(index, true);
      if (free_order) drain();
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

 private:
  void drain() {
    for (std::int64_t index; (index = next_++) < reference_.frames;) feed(index, false);
  }

  void feed(std::int64_t index, bool in_order) {
    const FramePair pair{reference_.frame(index), candidate_.frame(index)};
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

  const VideoClip& reference_;
  const VideoClip& candidate_;
  std::vector<Feed>& feeds_;
  std::atomic<std::int64_t> next_{0};
  std::mutex mutex_;
  std::vector<std::int64_t> first_;
  std::vector<std::exception_ptr> failure_;
};

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

void collect(Feed& feed, QualityScores& out) {
  QualityScores given;
  if (feed.error.empty()) guarded(feed, [&] { given = feed.run->finish(); });
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

QualityScores score(const VideoClip& reference, const VideoClip& candidate, const ScoreRequest& request) {
  std::vector<Feed> feeds = resolve(request.metrics);
  check_clips(reference, candidate);
  const int threads = request.threads > 0 ? request.threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  SharedWork shared;
  Format format{.frames = reference.frames,
                .height = reference.height,
                .width = reference.width,
                .frames_per_second = reference.frames_per_second,
                .prompt = request.prompt,
                .nonfinite_reference = reference.nonfinite_values,
                .nonfinite_candidate = candidate.nonfinite_values,
                .data_dir = request.data_dir,
                .cache = request.cache,
                .threads = threads,
                .shared = &shared,
                .reference_hash = request.reference_hash};
  const bool hash_wanted = std::any_of(feeds.begin(), feeds.end(), [](const Feed& f) { return f.metric->info.caches_reference; });
  if (request.cache && hash_wanted && format.reference_hash.empty()) format.reference_hash = reference.content_hash();

  std::erase_if(feeds, [&](const Feed& f) { return f.if_it_applies && f.metric->applies && !f.metric->applies(format); });
  for (Feed& feed : feeds) guarded(feed, [&] { feed.run = feed.metric->begin(format, feed.parameters); });
  Pass(reference, candidate, feeds).run(threads);
  QualityScores scores;
  for (Feed& feed : feeds) collect(feed, scores);
  return scores;
}

std::vector<MetricInfo> list_metrics() {
  std::vector<MetricInfo> infos;
  for (const Metric* metric : catalogue()) infos.push_back(metric->info);
  std::sort(infos.begin(), infos.end(), [](const MetricInfo& a, const MetricInfo& b) { return a.id < b.id; });
  return infos;
}

}  // namespace wan::metrics
