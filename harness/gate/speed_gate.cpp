#include "harness/gate/speed_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <vector>

#include "harness/gate/criterion.h"
#include "harness/gate/suite_scores.h"
#include "harness/gate/visit_times.h"
#include "harness/measure/speed_evidence.h"
#include "harness/measure/statistics.h"
#include "harness/plan/schedule.h"

namespace wan::gate {
namespace {

// A second configuration that is the first comes out equal in 98 % of runs of 6 to 24 blocks, whether their noise is normal or has the
// tails of a busy machine (Student t of 2 degrees of freedom), and slower in less than 0.05 %; at three standard errors it is equal in 50
// to 80 %.
constexpr double kHalfWidths = 2.0;
constexpr double kAlpha = 0.05;  // of all looks together

struct Blocks {
  std::vector<double> log_ratios = {};  // ln(candidate_s / baseline_s), in the order of the blocks
  std::size_t voided = 0;
  std::string first_void = {};
};

Blocks paired_blocks(const store::RunRecord& run, const std::string& baseline, const std::string& candidate) {
  Blocks blocks;
  const auto void_of_all = void_blocks(run);
  const auto of_baseline = visits_of(run, baseline);
  for (const auto& [block, visit] : visits_of(run, candidate)) {
    const auto found = of_baseline.find(block);
    if (found == of_baseline.end()) continue;
    const store::Visit *own = visit, *other = found->second;
    std::string why = own->void_reason.empty() ? other->void_reason : own->void_reason;
    if (const auto all = void_of_all.find(block); why.empty() && all != void_of_all.end()) why = all->second;
    if (!why.empty() || own->clip_s.empty() || other->clip_s.empty()) {
      if (blocks.voided++ == 0) blocks.first_void = fmt::format("block {}: {}", block + 1, why.empty() ? "no time" : why);
      continue;
    }
    const measure::PairedTime pair{.baseline_s = measure::median(other->clip_s), .candidate_s = measure::median(own->clip_s)};
    blocks.log_ratios.push_back(measure::log_time_ratios(std::span(&pair, 1)).front());
  }
  return blocks;
}

GateResult single(Outcome outcome, std::string reason, Criterion speedup = {.name = "speedup"}) {
  speedup.outcome = outcome;
  speedup.reason = reason;
  return {.outcome = outcome, .reason = std::move(reason), .criteria = {std::move(speedup)}};
}

// Runs of a fixed size take one look at all their blocks.
measure::SpeedEvidence look(const Blocks& blocks, double materiality) {
  return measure::speed_evidence(blocks.log_ratios,
                                 measure::single_look(std::max(blocks.log_ratios.size(), plan::kFewestBlocks), materiality, kAlpha));
}

// A criterion `speedup` with the ratio for display, if there are pairs.
Criterion shown_ratio(const Blocks& blocks) {
  Criterion criterion{.name = "speedup", .n = blocks.log_ratios.size()};
  if (blocks.log_ratios.empty()) return criterion;
  const auto evidence = look(blocks, 1.0);
  criterion.value = evidence.speedup;
  if (evidence.speedup_interval) {
    criterion.low = evidence.speedup_interval->low;
    criterion.high = evidence.speedup_interval->high;
  }
  return criterion;
}

GateResult without_blocks(const store::ConfigurationRecord& baseline, const store::ConfigurationRecord& candidate, const Blocks& blocks) {
  if (blocks.voided > 0)
    return single(Outcome::invalid, fmt::format("no_valid_block: all {} are void; {}", blocks.voided, blocks.first_void));
  if (cover(baseline).pending + cover(candidate).pending > 0)
    return single(Outcome::inconclusive, "incomplete: no block holds a visit of both yet");
  return single(Outcome::invalid,
                fmt::format("no_pairs: no block holds a visit of both {} and {}", baseline.configuration.id, candidate.configuration.id));
}

// Where noise is larger than what would matter, what would matter is widened, and says so: a busy machine calls nothing slower by chance,
// and can still tell the equal from the different.
Criterion judge_slowdown(const Blocks& blocks, double materiality) {
  Criterion criterion = shown_ratio(blocks);
  const double half_width = std::log(*criterion.high / *criterion.low) / 2;
  const auto evidence = look(blocks, std::max(materiality, std::expm1(kHalfWidths * half_width)));
  criterion.bound = 1.0 / (1.0 + evidence.materiality);
  criterion.margin = *criterion.low - *criterion.bound;
  const std::string figures =
      fmt::format("materiality {:.2f} %{}, interval of 95 %{}", 100 * evidence.materiality,
                  evidence.materiality > materiality ? fmt::format(" (asked {:.2f} %, widened by noise)", 100 * materiality) : "",
                  blocks.voided > 0 ? fmt::format("; {} blocks void, {}", blocks.voided, blocks.first_void) : "");
  switch (evidence.decision) {
    case measure::Decision::regressed:
      criterion.outcome = Outcome::rejected;
      criterion.reason = "slower: " + figures;
      break;
    case measure::Decision::held:
      criterion.outcome = Outcome::held;
      criterion.reason = (*criterion.low > 1.0 ? "faster: " : "equal: ") + figures;
      break;
    case measure::Decision::inconclusive:
      criterion.outcome = Outcome::inconclusive;
      criterion.reason = "within_noise: " + figures;
  }
  return criterion;
}

// What is claimed is what the interval leaves at least.
Criterion judge_bound(const char* name, double bound, Criterion speedup) {
  speedup.name = name;
  speedup.bound = bound;
  speedup.margin = *speedup.low - bound;
  speedup.outcome = *speedup.low >= bound ? Outcome::held : *speedup.high < bound ? Outcome::failed : Outcome::inconclusive;
  speedup.reason = speedup.outcome == Outcome::held     ? "within_bound"
                   : speedup.outcome == Outcome::failed ? "bound_missed"
                                                        : "within_noise: the interval holds the bound";
  return speedup;
}

}  // namespace

GateResult judge_speed(const store::RunRecord& run, const store::ConfigurationRecord& candidate) {
  const plan::Configuration& configuration = candidate.configuration;
  const auto* baseline = find_configuration(run, configuration.speed_baseline);
  if (configuration.speed_baseline == configuration.id) return single(Outcome::not_claimed, "is_baseline: others are timed against it");
  const Blocks blocks = paired_blocks(run, configuration.speed_baseline, configuration.id);
  const std::size_t n = blocks.log_ratios.size();
  if (configuration.benefit != plan::Benefit::speed)
    return single(Outcome::not_claimed, fmt::format("no_claim: its benefit is {}", to_string(configuration.benefit)), shown_ratio(blocks));
  if (!candidate.speed_claimable.empty())
    return single(Outcome::not_claimed, "not_claimable: " + candidate.speed_claimable, shown_ratio(blocks));
  if (!baseline) return single(Outcome::invalid, fmt::format("no_baseline: {} is not part of this run", configuration.speed_baseline));
  if (n == 0) return without_blocks(*baseline, candidate, blocks);
  if (n < plan::kFewestBlocks)
    return single(Outcome::inconclusive,
                  fmt::format("too_few_blocks: {} of at least {}, so there is no interval{}", n, plan::kFewestBlocks,
                              blocks.voided > 0 ? fmt::format("; {} are void, {}", blocks.voided, blocks.first_void) : ""),
                  shown_ratio(blocks));
  const Criterion speedup = judge_slowdown(blocks, configuration.thresholds.materiality);
  std::vector<Criterion> criteria{speedup};
  if (configuration.claim) criteria.push_back(judge_bound("claimed_speedup", *configuration.claim, speedup));
  if (configuration.thresholds.min_speedup) criteria.push_back(judge_bound("min_speedup", *configuration.thresholds.min_speedup, speedup));
  return combine(std::move(criteria));
}

}  // namespace wan::gate
