#include "harness/measure/decision.h"

#include <cmath>

#include "engine/base/error.h"

namespace wan::measure {

const char* to_string(Decision decision) {
  switch (decision) {
    case Decision::held:
      return "held";
    case Decision::regressed:
      return "regressed";
    case Decision::inconclusive:
      return "inconclusive";
  }
  return "";
}

Decision decide(const std::optional<Interval>& worsening, double limit) {
  WAN_CHECK(std::isfinite(limit), "a limit of {}", limit);
  if (!worsening) return Decision::inconclusive;
  if (worsening->low > limit) return Decision::regressed;
  if (worsening->high <= limit) return Decision::held;
  return Decision::inconclusive;
}

}  // namespace wan::measure
