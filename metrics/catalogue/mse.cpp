// Mean squared error on 0..255 over all three channels: the integer sum of squares divided by H * W * 3, so the value is exact.
#include <vector>

#include "metrics/kernels/pixel_sums.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

class Run final : public MetricRun {
 public:
  explicit Run(const Format& format) : per_frame_(static_cast<std::size_t>(format.frames)) {}

  void add(const FramePair& pair, std::int64_t index) override {
    per_frame_[static_cast<std::size_t>(index)] =
        static_cast<double>(squared_error(pair.reference, pair.candidate)) / static_cast<double>(pair.reference.size());
  }

  QualityScores finish() override { return {.scores = {{.metric = "mse", .per_frame = std::move(per_frame_)}}}; }

 private:
  std::vector<double> per_frame_;
};

}  // namespace

extern const Metric mse;
const Metric mse{
    .info = {.id = "mse",
             .summary = "mean squared error of RGB values on 0..255",
             .unit = "1",
             .colour = "RGB",
             .range = "0..255",
             .direction = Direction::lower_is_better,
             .in_order = false,
             .scores = {"mse"}},
    .begin = [](const Format& format, const Parameters&) -> std::unique_ptr<MetricRun> { return std::make_unique<Run>(format); },
};

}  // namespace wan::metrics
