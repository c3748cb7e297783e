// Looks at nothing and gives nothing: what a comparison with it costs is the framework's own overhead.
#include "metrics/metric.h"

namespace wan::metrics {
extern const Metric null;
const Metric null{
    .info = {.id = "null", .summary = "computes nothing; measures the framework's overhead", .by_default = false},
    .judge = [](const Statistics&, const Format&, const Parameters&) { return QualityScores{}; },
    .reads = Reads::nothing,
};

}  // namespace wan::metrics
