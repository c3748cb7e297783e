#include "metrics/structural/frame_score.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/error.h"

namespace wan::metrics::structural {
namespace {

class Run final : public MetricRun {
 public:
  Run(std::string id, const Format& format, FrameScore score)
      : id_(std::move(id)), score_(std::move(score)), per_frame_(static_cast<std::size_t>(format.frames)) {}

  void add(const FramePair& pair, std::int64_t index) override { per_frame_[static_cast<std::size_t>(index)] = score_(pair); }
  QualityScores finish() override { return {.scores = {{.metric = id_, .per_frame = std::move(per_frame_)}}}; }

 private:
  std::string id_;
  FrameScore score_;
  std::vector<double> per_frame_;
};

}  // namespace

std::unique_ptr<MetricRun> score_frames(std::string id, const Format& format, FrameScore score) {
  return std::make_unique<Run>(std::move(id), format, std::move(score));
}

void require_side(const std::string& id, const Format& format, std::int64_t side, const std::string& why) {
  if (format.height < side || format.width < side)
    throw UsageError(
        fmt::format("{0} needs frames of at least {1}x{1}, these are {2}x{3}; {4}", id, side, format.width, format.height, why));
}

void share(int threads, std::int64_t count, const std::function<void(std::int64_t)>& part) {
  std::atomic<std::int64_t> next{0};
  const auto drain = [&] {
    for (std::int64_t i; (i = next++) < count;) part(i);
  };
  std::vector<std::jthread> helpers;
  for (std::int64_t i = 1; i < std::min<std::int64_t>(threads, count); ++i) helpers.emplace_back(drain);
  drain();
}

int threads_a_frame(const Format& format) {
  // A thread's start costs as much as the windows of some thousand pixels.
  const std::int64_t useful = format.height * format.width / 65536 + 1;
  const std::int64_t each = format.threads / std::max<std::int64_t>(1, format.frames);
  return static_cast<int>(std::clamp<std::int64_t>(each, 1, useful));
}

}  // namespace wan::metrics::structural
