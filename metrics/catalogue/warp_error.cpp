// Flicker by warp error (Lai et al., ECCV 2018), both clips along the reference's flow and where the reference can be trusted: the absolute
// error would tell less motion from less flicker no better than it does. The flow is dense inverse search where Lai takes FlowNet2, so
// values are not those of the paper. Score i is of frames i and i + 1.
#include <memory>
#include <vector>

#include "engine/base/error.h"
#include "metrics/flow/pair_walk.h"
#include "metrics/flow/warp.h"
#include "metrics/metric.h"
#include "metrics/reference_work.h"

namespace wan::metrics {
namespace {

class Run final : public MetricRun {
 public:
  explicit Run(const Format& format)
      : format_(format),
        kept_(format.cache, "warp_error/1/" + format.reference_hash, format.frames - 1, format.height * format.width * 9),
        reference_(static_cast<std::size_t>(format.frames - 1)),
        candidate_(reference_.size()),
        walk_(format, [this](const flow::Consecutive& frames) { compare(frames); }) {}

  void add(const FramePair& pair, std::int64_t) override { walk_.add(pair); }

  QualityScores finish() override {
    walk_.finish();
    kept_.keep();
    std::vector<double> difference(reference_.size());
    for (std::size_t i = 0; i < difference.size(); ++i) difference[i] = candidate_[i] - reference_[i];
    return {
        .scores = {{.metric = "warp_error", .per_frame = std::move(difference)},
                   {.metric = "warp.lai", .per_frame = std::move(candidate_), .reference = Profile{.per_frame = std::move(reference_)}}}};
  }

 private:
  void compare(const flow::Consecutive& frames) {
    const std::int64_t item = frames.index - 1;
    auto guide = kept_.find(item);
    if (!guide) {
      guide =
          std::make_shared<const flow::Guide>(flow::make_guide(frames.reference_before, frames.reference, format_.height, format_.width));
      kept_.give(item, guide);
    }
    reference_[static_cast<std::size_t>(item)] = flow::warp_error(*guide, frames.reference_before, frames.reference);
    candidate_[static_cast<std::size_t>(item)] = flow::warp_error(*guide, frames.candidate_before, frames.candidate);
  }

  const Format format_;
  ReferenceWork<flow::Guide> kept_;
  std::vector<double> reference_, candidate_;
  flow::PairWalk walk_;
};

}  // namespace

extern const Metric warp_error;
const Metric warp_error{
    .info = {.id = "warp_error",
             .summary =
                 "flicker: warp error of the candidate minus that of the reference, along the reference's flow; warp.lai is the former",
             .unit = "1",
             .colour = "RGB",
             .range = "0..1",
             .direction = Direction::lower_is_better,
             .scores = {"warp_error", "warp.lai"},
             .caches_reference = true,
             .by_default = false},
    .begin = [](const Format& format, const Parameters&) -> std::unique_ptr<MetricRun> {
      flow::check_optical_flow();
      if (format.frames < 2) throw UsageError("warp_error compares consecutive frames, and these clips have one");
      if (format.height < flow::kSmallestSide || format.width < flow::kSmallestSide)
        throw UsageError(fmt::format("warp_error needs frames of at least {0}x{0}, these are {1}x{2}", flow::kSmallestSide, format.width,
                                     format.height));
      return std::make_unique<Run>(format);
    },
    .applies =
        [](const Format& format) {
          return flow::have_optical_flow() && format.frames >= 2 && format.height >= flow::kSmallestSide &&
                 format.width >= flow::kSmallestSide;
        },
};

}  // namespace wan::metrics
