// Peak signal-to-noise ratio of RGB values, peak 255, as two scores:
//   psnr         per frame; its pooled mean is the mean of dB, infinite as soon as one frame is identical
//   psnr.pooled  dB of the mean squared error of the whole clip, for gates: one bad frame cannot hide behind good ones.
//                It has no value per frame.
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "metrics/kernels/pixel_sums.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

double decibel(std::uint64_t squared_error, std::int64_t values) {
  if (squared_error == 0) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(255.0 * 255.0 / (static_cast<double>(squared_error) / static_cast<double>(values)));
}

class Run final : public MetricRun {
 public:
  explicit Run(const Format& format)
      : values_a_frame_(format.height * format.width * 3), squared_error_(static_cast<std::size_t>(format.frames)) {}

  void add(const FramePair& pair, std::int64_t index) override {
    squared_error_[static_cast<std::size_t>(index)] = squared_error(pair.reference, pair.candidate);
  }

  QualityScores finish() override {
    Score profile{.metric = "psnr"};
    for (const std::uint64_t error : squared_error_) profile.per_frame.push_back(decibel(error, values_a_frame_));
    const auto total = std::accumulate(squared_error_.begin(), squared_error_.end(), std::uint64_t{0});
    const double pooled = decibel(total, values_a_frame_ * static_cast<std::int64_t>(squared_error_.size()));
    Score clip{.metric = "psnr.pooled", .pooled = {.mean = pooled, .min = pooled, .max = pooled, .p5 = pooled, .p95 = pooled}};
    return {.scores = {std::move(profile), std::move(clip)}};
  }

 private:
  std::int64_t values_a_frame_;
  std::vector<std::uint64_t> squared_error_;
};

}  // namespace

extern const Metric psnr;
const Metric psnr{
    .info = {.id = "psnr",
             .summary = "peak signal-to-noise ratio of RGB values, per frame and of the clip's mean squared error",
             .unit = "dB",
             .colour = "RGB",
             .range = "0..255",
             .direction = Direction::higher_is_better,
             .in_order = false,
             .scores = {"psnr", "psnr.pooled"}},
    .begin = [](const Format& format, const Parameters&) -> std::unique_ptr<MetricRun> { return std::make_unique<Run>(format); },
};

}  // namespace wan::metrics
