// NaN or infinite values that the decoder gave before clamping, as the engine counted them. Pixels cannot show them: they are clamped away.
#include <fmt/format.h>

#include "metrics/metric.h"

namespace wan::metrics {
namespace {

class Run final : public MetricRun {
 public:
  explicit Run(const Format& format) : reference_(format.nonfinite_reference), candidate_(format.nonfinite_candidate) {}

  void add(const FramePair&, std::int64_t) override {}

  QualityScores finish() override {
    ArtifactFinding finding{.detector = "nonfinite", .fired = candidate_ > reference_};
    if (candidate_ > 0)
      finding.detail = fmt::format("{} NaN or infinite values before clamping, {} in the reference", candidate_, reference_);
    return {.artifacts = {std::move(finding)}};
  }

 private:
  std::int64_t reference_, candidate_;
};

}  // namespace

extern const Metric nonfinite;
const Metric nonfinite{
    .info = {.id = "nonfinite",
             .summary = "fires if the decoder gave more NaN or infinite values than for the reference",
             .in_order = false,
             .detector = true},
    .begin = [](const Format& format, const Parameters&) -> std::unique_ptr<MetricRun> { return std::make_unique<Run>(format); },
};

}  // namespace wan::metrics
