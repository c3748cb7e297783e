#include "harness/measure/proportion.h"

#include "engine/base/error.h"
#include "harness/measure/distributions.h"

namespace wan::measure {

Interval clopper_pearson(std::size_t successes, std::size_t trials, const Confidence& confidence) {
  WAN_CHECK(trials > 0 && successes <= trials, "{} successes of {} trials", successes, trials);
  WAN_CHECK(confidence.level > 0 && confidence.level < 1, "confidence level {} outside (0, 1)", confidence.level);
  const double tail = (1 - confidence.level) / (confidence.bounds == Bounds::both ? 2 : 1);
  const auto yes = static_cast<double>(successes), no = static_cast<double>(trials - successes);
  Interval interval{.low = 0, .high = 1, .level = confidence.level};
  if (confidence.bounds != Bounds::upper && successes > 0) interval.low = beta_quantile(tail, yes, no + 1);
  if (confidence.bounds != Bounds::lower && successes < trials) interval.high = beta_quantile(1 - tail, yes + 1, no);
  return interval;
}

}  // namespace wan::measure
