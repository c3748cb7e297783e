#include "metrics/pooling.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "engine/base/error.h"

namespace wan::metrics {

double percentile(std::span<const double> sorted, double share) {
  WAN_CHECK(!sorted.empty() && share >= 0 && share <= 1, "percentile {} of {} values", share, sorted.size());
  const double position = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const double fraction = position - static_cast<double>(below);
  const double low = sorted[below];
  if (fraction == 0) return low;
  const double high = sorted[below + 1];
  if (std::isinf(high)) return high;
  if (std::isinf(low)) return low;
  // Two forms, as numpy has them: each is exact at its own end.
  const double step = high - low;
  return fraction < 0.5 ? low + step * fraction : high - step * (1 - fraction);
}

Pooled pool(std::span<const double> per_frame) {
  WAN_CHECK(!per_frame.empty(), "a profile without frames");
  std::vector<double> sorted(per_frame.begin(), per_frame.end());
  WAN_CHECK(std::none_of(sorted.begin(), sorted.end(), [](double value) { return std::isnan(value); }), "a profile with NaN");
  double sum = 0;
  for (const double value : per_frame) sum += value;
  std::sort(sorted.begin(), sorted.end());
  return {.mean = sum / static_cast<double>(sorted.size()),
          .min = sorted.front(),
          .max = sorted.back(),
          .p5 = percentile(sorted, 0.05),
          .p95 = percentile(sorted, 0.95)};
}

Score score_of_clip(std::string id, double value) {
  return {.metric = std::move(id), .pooled = {.mean = value, .min = value, .max = value, .p5 = value, .p95 = value}};
}

}  // namespace wan::metrics
