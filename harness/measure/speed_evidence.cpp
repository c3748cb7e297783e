#include "harness/measure/speed_evidence.h"

#include <cmath>

#include "engine/base/error.h"
#include "harness/measure/hodges_lehmann.h"

namespace wan::measure {
namespace {

void check(const DecisionPlan& plan) {
  WAN_CHECK(plan.materiality >= 0 && std::isfinite(plan.materiality), "a materiality of {}", plan.materiality);
  WAN_CHECK(plan.first_alpha > 0 && plan.first_alpha < 1, "an alpha of {}", plan.first_alpha);
  // The outermost Walsh averages hold the centre with probability 1 - 2^(1 - n).
  WAN_CHECK(std::exp2(1 - static_cast<double>(plan.first_blocks)) <= plan.first_alpha * (1 + 1e-12),
            "{} blocks have no interval of level {}", plan.first_blocks, 1 - plan.first_alpha);
  if (plan.extended_blocks == 0) return;
  WAN_CHECK(plan.extended_blocks > plan.first_blocks, "an extension from {} to {} blocks", plan.first_blocks, plan.extended_blocks);
  WAN_CHECK(plan.extended_alpha > 0 && plan.extended_alpha < 1, "an alpha of {} for the extension", plan.extended_alpha);
}

SpeedEvidence look(std::span<const double> log_ratios, double alpha, double materiality) {
  const HodgesLehmann slowdown = hodges_lehmann(log_ratios, {.level = 1 - alpha});
  SpeedEvidence evidence{.n = log_ratios.size(), .speedup = std::exp(-slowdown.estimate), .materiality = materiality};
  evidence.decision = decide(slowdown.interval, std::log1p(materiality));
  if (slowdown.interval)
    evidence.speedup_interval =
        Interval{.low = std::exp(-slowdown.interval->high), .high = std::exp(-slowdown.interval->low), .level = slowdown.interval->level};
  return evidence;
}

void settle(SpeedEvidence& evidence, const DecisionPlan& plan) {
  if (evidence.decision == Decision::inconclusive) {
    const bool extends = evidence.n < plan.extended_blocks;
    evidence.reason = extends ? SpeedReason::extension_wanted : SpeedReason::open_to_the_last_look;
    evidence.blocks_wanted = extends ? plan.extended_blocks : 0;
  } else {
    evidence.reason = evidence.decision == Decision::regressed ? SpeedReason::slower : SpeedReason::not_slower;
  }
}

}  // namespace

const char* to_string(SpeedReason reason) {
  switch (reason) {
    case SpeedReason::too_few_blocks:
      return "too_few_blocks";
    case SpeedReason::slower:
      return "slower";
    case SpeedReason::not_slower:
      return "not_slower";
    case SpeedReason::extension_wanted:
      return "extension_wanted";
    case SpeedReason::open_to_the_last_look:
      return "open_to_the_last_look";
  }
  return "";
}

DecisionPlan single_look(std::size_t blocks, double materiality, double alpha) {
  return {.materiality = materiality, .first_blocks = blocks, .first_alpha = alpha, .extended_blocks = 0};
}

std::vector<double> log_time_ratios(std::span<const PairedTime> pairs) {
  std::vector<double> log_ratios;
  for (const auto& [baseline_s, candidate_s] : pairs) {
    WAN_CHECK(baseline_s > 0 && candidate_s > 0 && std::isfinite(baseline_s) && std::isfinite(candidate_s),
              "times must be positive, got {} and {} s", baseline_s, candidate_s);
    log_ratios.push_back(std::log(candidate_s / baseline_s));
  }
  return log_ratios;
}

SpeedEvidence speed_evidence(std::span<const double> log_ratios, const DecisionPlan& plan) {
  check(plan);
  WAN_CHECK(!log_ratios.empty(), "evidence of speed needs at least one pair of times");
  if (log_ratios.size() < plan.first_blocks) {
    SpeedEvidence evidence = look(log_ratios, plan.first_alpha, plan.materiality);
    evidence.decision = Decision::inconclusive;  // whatever its interval says: the look was registered for later
    evidence.blocks_wanted = plan.first_blocks;
    return evidence;
  }
  SpeedEvidence evidence = look(log_ratios.first(plan.first_blocks), plan.first_alpha, plan.materiality);
  const bool is_extended = plan.extended_blocks > 0 && log_ratios.size() >= plan.extended_blocks;
  if (evidence.decision == Decision::inconclusive && is_extended)
    evidence = look(log_ratios.first(plan.extended_blocks), plan.extended_alpha, plan.materiality);
  settle(evidence, plan);
  return evidence;
}

SpeedEvidence speed_evidence(std::span<const PairedTime> pairs, const DecisionPlan& plan) {
  return speed_evidence(log_time_ratios(pairs), plan);
}

}  // namespace wan::measure
