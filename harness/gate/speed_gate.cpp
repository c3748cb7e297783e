#include "harness/gate/speed_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "harness/gate/criterion.h"
#include "harness/gate/suite_scores.h"
#include "harness/measure/statistics.h"

namespace wan::gate {
namespace {

constexpr double kNoiseFactor = 3.0;  // of the standard error: what noise alone reaches once in some hundred runs

struct Pairs {
  std::vector<measure::PairedTime> times = {};
  std::size_t without_time = 0;  // clips of both that carry no time of this visit
};

Pairs paired_times(const store::ConfigurationRecord& baseline, const store::ConfigurationRecord& candidate) {
  Pairs pairs;
  const auto of_baseline = by_clip(baseline);
  for (const auto& [clip, cell] : by_clip(candidate)) {
    const auto found = of_baseline.find(clip);
    if (found == of_baseline.end()) continue;
    const store::Cell& reference = *found->second;
    if (cell->status != store::CellStatus::done || reference.status != store::CellStatus::done) continue;
    if (cell->timed && reference.timed && cell->elapsed_s > 0 && reference.elapsed_s > 0) {
      pairs.times.push_back({.baseline_s = reference.elapsed_s, .candidate_s = cell->elapsed_s});
    } else {
      ++pairs.without_time;
    }
  }
  return pairs;
}

GateResult single(Outcome outcome, std::string reason, Criterion speedup = {.name = "speedup"}) {
  speedup.outcome = outcome;
  speedup.reason = reason;
  return {.outcome = outcome, .reason = std::move(reason), .criteria = {std::move(speedup)}};
}

// A criterion `speedup` with the ratio for display, if there are pairs.
Criterion shown_ratio(const Pairs& pairs) {
  Criterion criterion{.name = "speedup", .n = pairs.times.size()};
  if (!pairs.times.empty()) criterion.value = measure::speed_ratio(pairs.times).geometric_mean;
  return criterion;
}

GateResult without_pairs(const store::ConfigurationRecord& baseline, const store::ConfigurationRecord& candidate, const Pairs& pairs) {
  if (pairs.without_time > 0)
    return single(Outcome::inconclusive,
                  fmt::format("no_times: {} clips came from the store or an earlier visit and carry no time", pairs.without_time));
  if (cover(baseline).pending + cover(candidate).pending > 0)
    return single(Outcome::inconclusive, "incomplete: no prompt and seed has been run under both yet");
  return single(Outcome::invalid, fmt::format("no_pairs: no prompt and seed was finished under both {} and {}", baseline.configuration.id,
                                              candidate.configuration.id));
}

Criterion judge_slowdown(const measure::SpeedRatio& ratio, double materiality) {
  const double widened = std::max(materiality, kNoiseFactor * *ratio.noise);
  const double slowdown = 1.0 / ratio.geometric_mean - 1.0;
  Criterion criterion{.name = "speedup", .value = ratio.geometric_mean, .bound = 1.0 / (1.0 + widened), .n = ratio.n};
  criterion.margin = ratio.geometric_mean - *criterion.bound;
  const std::string figures = fmt::format("materiality {:.2f} %, noise {:.2f} %, ratio of medians {:.3f}", 100 * widened,
                                          100 * *ratio.noise, ratio.ratio_of_medians);
  if (slowdown > widened) {
    criterion.outcome = Outcome::rejected;
    criterion.reason = "slower: " + figures;
  } else if (slowdown > materiality) {
    criterion.outcome = Outcome::inconclusive;
    criterion.reason = "within_noise: " + figures;
  } else {
    criterion.outcome = Outcome::held;
    criterion.reason = (slowdown < -widened ? "faster: " : "equal: ") + figures;
  }
  return criterion;
}

Criterion judge_bound(const char* name, double bound, const measure::SpeedRatio& ratio) {
  const double margin = ratio.geometric_mean - bound;
  return {.name = name,
          .outcome = margin >= 0 ? Outcome::held : Outcome::failed,
          .reason = margin >= 0 ? "within_bound" : "bound_missed",
          .value = ratio.geometric_mean,
          .bound = bound,
          .margin = margin,
          .n = ratio.n};
}

}  // namespace

GateResult judge_speed(const store::RunRecord& run, const store::ConfigurationRecord& candidate) {
  const plan::Configuration& configuration = candidate.configuration;
  const auto* baseline = find_configuration(run, configuration.speed_baseline);
  const bool is_own_baseline = configuration.speed_baseline == configuration.id;
  const Pairs pairs = baseline && !is_own_baseline ? paired_times(*baseline, candidate) : Pairs{};
  if (is_own_baseline) return single(Outcome::not_claimed, "is_baseline: others are timed against it");
  if (configuration.benefit != plan::Benefit::speed)
    return single(Outcome::not_claimed, fmt::format("no_claim: its benefit is {}", to_string(configuration.benefit)), shown_ratio(pairs));
  if (!candidate.speed_claimable.empty())
    return single(Outcome::not_claimed, "not_claimable: " + candidate.speed_claimable, shown_ratio(pairs));
  if (!baseline) return single(Outcome::invalid, fmt::format("no_baseline: {} is not part of this run", configuration.speed_baseline));
  if (pairs.times.empty()) return without_pairs(*baseline, candidate, pairs);
  const measure::SpeedRatio ratio = measure::speed_ratio(pairs.times);
  if (!ratio.noise)
    return single(Outcome::inconclusive,
                  fmt::format("too_few_pairs: {} of at least {} pairs, so the noise is unknown{}", ratio.n, measure::kFewestSamplesForNoise,
                              pairs.without_time > 0 ? fmt::format("; {} clips carry no time of this visit", pairs.without_time) : ""),
                  shown_ratio(pairs));
  std::vector<Criterion> criteria{judge_slowdown(ratio, configuration.thresholds.materiality)};
  if (configuration.claim) criteria.push_back(judge_bound("claimed_speedup", *configuration.claim, ratio));
  if (configuration.thresholds.min_speedup) criteria.push_back(judge_bound("min_speedup", *configuration.thresholds.min_speedup, ratio));
  return combine(std::move(criteria));
}

}  // namespace wan::gate
