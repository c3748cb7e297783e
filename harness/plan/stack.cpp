#include "harness/plan/stack.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "harness/plan/fields.h"
#include "harness/plan/optimization_list.h"

namespace wan::plan {
namespace {

std::optional<double> stricter(std::optional<double> a, std::optional<double> b, const double& (*choose)(const double&, const double&)) {
  if (!a || !b) return a ? a : b;
  return choose(*a, *b);
}

Levels stricter(Levels a, const Levels& b) {
  std::vector<Level> others;
  visit_fields(b, [&](const Field&, Level level) { others.push_back(level); });
  auto other = others.begin();
  visit_fields(a, [&](const Field&, Level& level) { level = std::max(level, *other++); });
  return a;
}

Thresholds stricter(const Thresholds& a, const Thresholds& b) {
  return {.min_ssim = std::max(a.min_ssim, b.min_ssim),
          .max_lpips = std::min(a.max_lpips, b.max_lpips),
          .min_psnr_db = std::max(a.min_psnr_db, b.min_psnr_db),
          .reject_ssim = std::max(a.reject_ssim, b.reject_ssim),
          .max_artifact_share = std::min(a.max_artifact_share, b.max_artifact_share),
          .calibrated_ratio = std::min(a.calibrated_ratio, b.calibrated_ratio),
          .teacher_forced_max = stricter(a.teacher_forced_max, b.teacher_forced_max, std::min<double>),
          .materiality = std::min(a.materiality, b.materiality),
          .min_speedup = stricter(a.min_speedup, b.min_speedup, std::max<double>),
          .levels = stricter(a.levels, b.levels)};
}

class Merger {
 public:
  Merger(const Place& at, Faults& faults) : at_(at), faults_(faults) {}

  // The usual baseline gives way to a part's own one; two different own ones contradict each other.
  void baseline(const char* name, const std::string& usual, std::string& stacked, const std::string& part) {
    if (part == usual || part == stacked) return;
    if (stacked != usual)
      faults_.add(at_, fmt::format("the stacked configurations want different {}s: '{}' and '{}'", name, stacked, part));
    stacked = part;
  }

  void guidance(std::optional<double>& stacked, const std::optional<double>& part) {
    if (stacked && part && *stacked != *part)
      faults_.add(at_, fmt::format("the stacked configurations want different guidance: {} and {}", *stacked, *part));
    if (part) stacked = part;
  }

 private:
  const Place& at_;
  Faults& faults_;
};

}  // namespace

Configuration stack_configurations(std::span<const Configuration> parts, const Place& at, Faults& faults) {
  const Configuration usual;
  Configuration stack = parts.front();
  stack.claim.reset();
  Merger merge(at, faults);
  for (const Configuration& part : parts.subspan(1)) {
    stack.id += "+" + part.id;
    stack.summary += (stack.summary.empty() || part.summary.empty() ? "" : " + ") + part.summary;
    append_optimizations(stack.optimizations, part.optimizations, at, faults);
    if (stack.benefit == Benefit::none || part.benefit == Benefit::speed) stack.benefit = part.benefit;
    if (part.gate == GateKind::calibrated) stack.gate = part.gate;
    stack.thresholds = stricter(stack.thresholds, part.thresholds);
    merge.baseline("speed_baseline", usual.speed_baseline, stack.speed_baseline, part.speed_baseline);
    merge.baseline("quality_baseline", usual.quality_baseline, stack.quality_baseline, part.quality_baseline);
    merge.baseline("noise_floor", usual.noise_floor, stack.noise_floor, part.noise_floor);
    merge.guidance(stack.guidance, part.guidance);
  }
  return stack;
}

}  // namespace wan::plan
