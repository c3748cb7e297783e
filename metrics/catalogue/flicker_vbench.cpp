// VBench's temporal flickering (Huang et al. 2024), without its choice of static videos: (255 - d) / 255 for the mean absolute difference d
// of neighbouring frames, over 8-bit RGB at full size. It is a score of one clip, so motion counts as flicker and a frozen clip has 1: read
// it beside the reference's, which stands in the same entry.
#include "engine/base/error.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

std::vector<double> stillness(const std::vector<FrameStatistics>& frames, std::int64_t pixels) {
  std::vector<double> result;
  for (std::size_t i = 1; i < frames.size(); ++i)
    result.push_back((255 - static_cast<double>(frames[i].step) / static_cast<double>(3 * pixels)) / 255);
  return result;
}

QualityScores judge(const Statistics& statistics, const Format&, const Parameters&) {
  if (statistics.frames() < 2) throw UsageError("flicker.vbench compares neighbouring frames, and this clip has one");
  Score score{.metric = "flicker.vbench", .per_frame = stillness(statistics.candidate, statistics.pixels())};
  score.reference = Profile{.per_frame = stillness(statistics.reference, statistics.pixels())};
  return {.scores = {std::move(score)}};
}

}  // namespace

extern const Metric flicker_vbench;
const Metric flicker_vbench{
    .info = {.id = "flicker.vbench",
             .summary = "VBench's temporal flickering of the candidate: 1 less the mean difference of neighbouring frames",
             .unit = "1",
             .colour = "RGB",
             .range = "0..255",
             .direction = Direction::higher_is_better,
             .scores = {"flicker.vbench"}},
    .judge = judge,
};

}  // namespace wan::metrics
