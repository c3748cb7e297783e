// NaN or infinite values that the decoder gave before clamping, as the engine counted them. Pixels cannot show them: they are clamped away.
#include <fmt/format.h>

#include "metrics/metric.h"

namespace wan::metrics {
namespace {

QualityScores judge(const Statistics&, const Format& format, const Parameters&) {
  ArtifactFinding finding{.detector = "nonfinite", .fired = format.nonfinite_candidate > format.nonfinite_reference};
  if (format.nonfinite_candidate > 0)
    finding.detail = fmt::format("{} NaN or infinite values before clamping, {} in the reference", format.nonfinite_candidate,
                                 format.nonfinite_reference);
  return {.artifacts = {std::move(finding)}};
}

}  // namespace

extern const Metric nonfinite;
const Metric nonfinite{
    .info = {.id = "nonfinite",
             .summary = "fires if the decoder gave more NaN or infinite values than for the reference",
             .detector = true},
    .judge = judge,
    .reads = Reads::nothing,
};

}  // namespace wan::metrics
