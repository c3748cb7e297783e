#include "harness/gate/clip_cost.h"

#include <fmt/format.h>

#include "harness/gate/visit_times.h"
#include "harness/measure/cost.h"
#include "harness/measure/statistics.h"

namespace wan::gate {
namespace {

const Criterion* speedup_of(const Verdict& verdict) {
  for (const auto& criterion : verdict.speed.criteria)
    if (criterion.name == "speedup" && criterion.value) return &criterion;
  return nullptr;
}

std::optional<double> break_even(const CostBasis& basis, double saved) {
  return basis.development_cost ? measure::break_even_clips(*basis.development_cost, saved) : std::nullopt;
}

void add_saving(ClipCost& cost, const store::RunRecord& run, const Verdict& verdict, const std::string& baseline, const CostBasis& basis) {
  const Outcome outcome = verdict.speed.outcome;
  const Criterion* speedup = speedup_of(verdict);
  if (outcome == Outcome::not_claimed || outcome == Outcome::not_measured || outcome == Outcome::invalid || !speedup) {
    cost.reason = verdict.speed.reason;
    return;
  }
  const auto baseline_s = valid_visit_s(run, baseline);
  if (baseline_s.empty()) {
    cost.reason = fmt::format("no valid visit of {}", baseline);
    return;
  }
  const double timed = measure::money_of(measure::median(baseline_s), *basis.price_per_hour);  // of the clip, or of its loop alone
  const auto saved = [&](double ratio) { return timed * (1 - 1 / ratio); };
  cost.baseline = baseline;
  cost.saved_money = saved(*speedup->value);
  cost.break_even = break_even(basis, *cost.saved_money);
  if (speedup->low && speedup->high) {
    cost.saved_interval = {.low = saved(*speedup->low), .high = saved(*speedup->high), .level = 0.95};
    cost.break_even_low = break_even(basis, cost.saved_interval->high);
    cost.break_even_high = break_even(basis, cost.saved_interval->low);
  }
  if (basis.development_cost && !cost.break_even) cost.reason = "a clip saves nothing, so the development never pays";
}

}  // namespace

std::vector<ClipCost> clip_costs(const store::RunRecord& run, std::span<const Verdict> verdicts, const CostBasis& basis) {
  std::vector<ClipCost> costs;
  if (!basis.price_per_hour) return costs;
  for (const auto& verdict : verdicts) {
    ClipCost cost{.configuration = verdict.configuration};
    const auto seconds = whole_clip_s(run, verdict.configuration);
    cost.visits = seconds.size();
    if (!seconds.empty()) {
      cost.gpu_s = measure::median(seconds);
      cost.money = measure::money_of(*cost.gpu_s, *basis.price_per_hour);
    }
    for (const auto& record : run.configurations)
      if (record.configuration.id == verdict.configuration) add_saving(cost, run, verdict, record.configuration.speed_baseline, basis);
    costs.push_back(std::move(cost));
  }
  return costs;
}

}  // namespace wan::gate
