// tOF of TecoGAN (Chu et al.: Learning Temporal Coherence via Self-Supervision for GAN-based Video Generation, ACM TOG 2020, section 5), as
// its script computes it: the L2 distance between both clips' flow (the paper says L1), of frames 2 ... T-3 alone, on whole frames that are
// then cropped to the largest multiple of 32 which leaves 16 pixels. Score i is of frames i + 2 and i + 3.
#include <cmath>
#include <memory>
#include <vector>

#include "engine/base/error.h"
#include "metrics/flow/optical_flow.h"
#include "metrics/flow/pair_walk.h"
#include "metrics/metric.h"
#include "metrics/reference_work.h"

namespace wan::metrics {
namespace {

constexpr std::int64_t kCut = 2;  // frames at both ends

std::int64_t cropped(std::int64_t side) {
  std::int64_t rest = side / 32 * 32;
  while (rest > side - 16) rest -= 32;
  return rest;
}

// Mean over the cropped picture of the length of a - b.
double distance(const flow::Field& a, const flow::Field& b) {
  const std::int64_t height = cropped(a.height), width = cropped(a.width);
  const std::int64_t top = (a.height - height) / 2, left = (a.width - width) / 2;
  double sum = 0;
  for (std::int64_t y = top; y < top + height; ++y)
    for (std::int64_t x = left; x < left + width; ++x) {
      const auto at = static_cast<std::size_t>((y * a.width + x) * 2);
      const float u = a.values[at] - b.values[at], v = a.values[at + 1] - b.values[at + 1];
      sum += static_cast<double>(std::sqrt(u * u + v * v));
    }
  return sum / static_cast<double>(height * width);
}

class Run final : public MetricRun {
 public:
  explicit Run(const Format& format)
      : format_(format),
        kept_(format.cache, "tof.tecogan/1/" + format.reference_hash, format.frames, format.height * format.width * 8),
        values_(static_cast<std::size_t>(format.frames - 2 * kCut - 1)),
        walk_(format, [this](const flow::Consecutive& frames) { compare(frames); }) {}

  void add(const FramePair& pair, std::int64_t index) override {
    if (index >= kCut && index < format_.frames - kCut) walk_.add(pair);
  }

  QualityScores finish() override {
    walk_.finish();
    kept_.keep();
    return {.scores = {{.metric = "tof.tecogan", .per_frame = std::move(values_)}}};
  }

 private:
  void compare(const flow::Consecutive& frames) {
    const auto of = [&](auto before, auto now) {
      return flow::optical_flow(flow::Method::farneback, before, now, format_.height, format_.width);
    };
    const std::int64_t item = frames.index - 1;  // the walk begins at frame kCut
    auto reference = kept_.find(item);
    if (!reference) {
      reference = std::make_shared<const flow::Field>(of(frames.reference_before, frames.reference));
      kept_.give(item, reference);
    }
    values_[static_cast<std::size_t>(item)] = distance(*reference, of(frames.candidate_before, frames.candidate));
  }

  const Format format_;
  ReferenceWork<flow::Field> kept_;
  std::vector<double> values_;
  flow::PairWalk walk_;
};

}  // namespace

extern const Metric tof_tecogan;
const Metric tof_tecogan{
    .info = {.id = "tof.tecogan",
             .summary = "distance between the clips' optical flow (Farneback), TecoGAN's tOF",
             .unit = "px",
             .colour = "Y BT.601",
             .range = "0..255",
             .direction = Direction::lower_is_better,
             .scores = {"tof.tecogan"},
             .caches_reference = true,
             .by_default = false},
    .begin = [](const Format& format, const Parameters&) -> std::unique_ptr<MetricRun> {
      flow::check_optical_flow();
      if (format.frames < 2 * kCut + 2)
        throw UsageError(fmt::format("tof.tecogan leaves out {0} frames at both ends and needs at least {1} frames, these clips have {2}",
                                     kCut, 2 * kCut + 2, format.frames));
      if (cropped(format.height) < 32 || cropped(format.width) < 32)
        throw UsageError(fmt::format("tof.tecogan crops frames to a multiple of 32 and needs at least 48x48 of them, these are {}x{}",
                                     format.width, format.height));
      return std::make_unique<Run>(format);
    },
};

}  // namespace wan::metrics
