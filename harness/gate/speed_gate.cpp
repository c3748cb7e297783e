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
  std::string of = {};                  // what the times are of, where it is not clips
  std::vector<double> log_ratios = {};  // ln(candidate_s / baseline_s), in the order of the blocks
  std::size_t voided = 0;
  std::string first_void = {};
};

// Those before block `end`.
Blocks paired_blocks(const store::RunRecord& run, const std::string& baseline, const std::string& candidate, std::int64_t end) {
  Blocks blocks;
  if (times_steps(run)) blocks.of = fmt::format("denoising loop predicted from {}", timed_text(run));
  const auto void_of_all = void_blocks(run, end);
  const auto of_baseline = visits_of(run, baseline);
  for (const auto& [block, visit] : visits_of(run, candidate)) {
    const auto found = of_baseline.find(block);
    if (block >= end || found == of_baseline.end()) continue;
    const store::Visit *own = visit, *other = found->second;
    std::string why = own->void_reason.empty() ? other->void_reason : own->void_reason;
    if (const auto all = void_of_all.find(block); why.empty() && all != void_of_all.end()) why = all->second;
    const auto own_s = visit_s(*own), other_s = visit_s(*other);
    if (!why.empty() || !own_s || !other_s) {
      if (blocks.voided++ == 0) blocks.first_void = fmt::format("block {}: {}", block + 1, why.empty() ? "no time" : why);
      continue;
    }
    const measure::PairedTime pair{.baseline_s = *other_s, .candidate_s = *own_s};
    blocks.log_ratios.push_back(measure::log_time_ratios(std::span(&pair, 1)).front());
  }
  return blocks;
}

// For an interval of that level.
std::size_t fewest_blocks(double alpha) { return alpha < kAlpha ? plan::kFewestExtensibleBlocks : plan::kFewestBlocks; }

struct Look {
  Blocks blocks = {};
  double alpha = kAlpha;
  bool is_last = true;     // of those that were registered
  std::string after = {};  // what a criterion that this look leaves open is told besides
  bool is_possible() const { return blocks.log_ratios.size() >= fewest_blocks(alpha); }
};

// What became of the blocks that were to follow, for a speed that the planned ones leave open.
std::string fate(const store::Extension& extension, const std::string& candidate) {
  if (!extension.decided) return "; its extension is still to come";
  if (!extension.unused.empty()) return fmt::format("; not extended, {}", extension.unused);
  const auto& extended = extension.configurations;
  return std::find(extended.begin(), extended.end(), candidate) == extended.end() ? "; not extended" : "; its extension is unfinished";
}

// One at the whole alpha, or with a registered extension one at the planned blocks and, where more were made, one at all of them.
std::vector<Look> looks_at(const store::RunRecord& run, const std::string& baseline, const std::string& candidate) {
  if (run.extension.blocks == 0) return {{.blocks = paired_blocks(run, baseline, candidate, kEveryBlock)}};
  const measure::DecisionPlan registered;
  const std::int64_t planned = run.blocks, all = run.blocks + run.extension.blocks;
  std::vector<Look> looks{{.blocks = paired_blocks(run, baseline, candidate, planned),
                           .alpha = registered.first_alpha,
                           .is_last = false,
                           .after = fate(run.extension, candidate)}};
  const auto reached_the_end = [&](const std::string& id) { return visits_of(run, id).contains(all - 1); };
  if (reached_the_end(baseline) && reached_the_end(candidate))  // half an extension is no look
    looks.push_back(
        {.blocks = paired_blocks(run, baseline, candidate, all), .alpha = registered.extended_alpha, .after = "; open to the last look"});
  return looks;
}

GateResult single(Outcome outcome, std::string reason, Criterion speedup = {.name = "speedup"}) {
  speedup.outcome = outcome;
  speedup.reason = reason;
  return {.outcome = outcome, .reason = std::move(reason), .criteria = {std::move(speedup)}};
}

measure::SpeedEvidence evidence_of(const Blocks& blocks, double materiality, double alpha) {
  const std::size_t planned = std::max(blocks.log_ratios.size(), fewest_blocks(alpha));
  return measure::speed_evidence(blocks.log_ratios, measure::single_look(planned, materiality, alpha));
}

// A criterion `speedup` with the ratio for display, if there are pairs.
Criterion shown_ratio(const Blocks& blocks, double alpha = kAlpha) {
  Criterion criterion{.name = "speedup", .n = blocks.log_ratios.size()};
  if (blocks.log_ratios.empty()) return criterion;
  const auto evidence = evidence_of(blocks, 1.0, alpha);
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
// and can still tell the equal from the different. How large it is says the interval of 95 %, whatever the level of the look. Before the
// last look nothing is widened while the half width is at most the materiality: the blocks to come narrow it, and widening would take power
// from the look that is due now (of a true 2 % at the paired noise of 0.72 %: from 0.96 to 0.88).
Criterion judge_slowdown(const Look& look, double materiality) {
  const Criterion noise = shown_ratio(look.blocks);
  const double half_width = std::log(*noise.high / *noise.low) / 2;
  const bool is_narrow_enough = !look.is_last && std::expm1(half_width) <= materiality;
  const double noise_materiality = is_narrow_enough ? 0.0 : std::expm1(kHalfWidths * half_width);
  const auto evidence = evidence_of(look.blocks, std::max(materiality, noise_materiality), look.alpha);
  Criterion criterion = shown_ratio(look.blocks, look.alpha);
  criterion.bound = 1.0 / (1.0 + evidence.materiality);
  criterion.margin = *criterion.low - *criterion.bound;
  const std::string figures = fmt::format(
      "{}{}materiality {:.2f} %{}, interval of {:g} %{}", look.blocks.of, look.blocks.of.empty() ? "" : ", ", 100 * evidence.materiality,
      evidence.materiality > materiality ? fmt::format(" (asked {:.2f} %, widened by noise)", 100 * materiality) : "",
      100 * (1 - look.alpha),
      look.blocks.voided > 0 ? fmt::format("; {} blocks void, {}", look.blocks.voided, look.blocks.first_void) : "");
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
      criterion.reason = "within_noise: " + figures + look.after;
  }
  return criterion;
}

// What is claimed is what the interval leaves at least.
Criterion judge_bound(const char* name, double bound, const Look& look) {
  Criterion speedup = shown_ratio(look.blocks, look.alpha);
  speedup.name = name;
  speedup.bound = bound;
  speedup.margin = *speedup.low - bound;
  speedup.outcome = *speedup.low >= bound ? Outcome::held : *speedup.high < bound ? Outcome::failed : Outcome::inconclusive;
  const std::string& of = look.blocks.of;
  if (speedup.outcome == Outcome::inconclusive)
    speedup.reason = fmt::format("within_noise: {}{}the interval holds the bound{}", of, of.empty() ? "" : ", ", look.after);
  else
    speedup.reason = fmt::format("{}{}{}", speedup.outcome == Outcome::held ? "within_bound" : "bound_missed", of.empty() ? "" : ": ", of);
  return speedup;
}

// By the first look that decides; a later one cannot unmake that.
template <typename Judge>
Criterion decided(const std::vector<Look>& looks, Judge judge_at) {
  Criterion criterion;
  for (const Look& look : looks) {
    if (!look.is_possible()) continue;
    criterion = judge_at(look);
    if (criterion.outcome != Outcome::inconclusive) break;
  }
  return criterion;
}

// Where every criterion only warns, speed says nothing of whether the configuration passes.
GateResult combine_levelled(std::vector<Criterion> criteria) {
  const bool any_decides =
      std::any_of(criteria.begin(), criteria.end(), [](const Criterion& criterion) { return criterion.level == plan::Level::error; });
  GateResult result = combine(std::move(criteria));
  if (any_decides) return result;
  result.outcome = Outcome::not_claimed;
  result.reason = "levels: no criterion of speed is at the level of errors; " + result.reason;
  return result;
}

}  // namespace

GateResult judge_speed(const store::RunRecord& run, const store::ConfigurationRecord& candidate) {
  const plan::Configuration& configuration = candidate.configuration;
  const auto* baseline = find_configuration(run, configuration.speed_baseline);
  if (configuration.speed_baseline == configuration.id) return single(Outcome::not_claimed, "is_baseline: others are timed against it");
  const std::vector<Look> looks = looks_at(run, configuration.speed_baseline, configuration.id);
  const Look& last = looks.back();
  const Blocks& blocks = last.blocks;
  const std::size_t n = blocks.log_ratios.size();
  if (configuration.benefit != plan::Benefit::speed)
    return single(Outcome::not_claimed, fmt::format("no_claim: its benefit is {}", to_string(configuration.benefit)), shown_ratio(blocks));
  if (!candidate.speed_claimable.empty())
    return single(Outcome::not_claimed, "not_claimable: " + candidate.speed_claimable, shown_ratio(blocks));
  if (!baseline) return single(Outcome::invalid, fmt::format("no_baseline: {} is not part of this run", configuration.speed_baseline));
  if (n == 0) return without_blocks(*baseline, candidate, blocks);
  if (!last.is_possible())
    return single(Outcome::inconclusive,
                  fmt::format("too_few_blocks: {} of at least {}, so there is no interval{}{}", n, fewest_blocks(last.alpha),
                              blocks.voided > 0 ? fmt::format("; {} are void, {}", blocks.voided, blocks.first_void) : "", last.after),
                  shown_ratio(blocks));
  const plan::Thresholds& bounds = configuration.thresholds;
  const auto reached = [&](const char* name, double bound) {
    return decided(looks, [&](const Look& look) { return judge_bound(name, bound, look); });
  };
  const auto slowdown = decided(looks, [&](const Look& look) { return judge_slowdown(look, bounds.materiality); });
  std::vector<Criterion> criteria{at_level(slowdown, bounds.levels.materiality)};
  if (configuration.claim) criteria.push_back(at_level(reached("claimed_speedup", *configuration.claim), bounds.levels.claim));
  if (bounds.min_speedup) criteria.push_back(at_level(reached("min_speedup", *bounds.min_speedup), bounds.levels.min_speedup));
  return combine_levelled(std::move(criteria));
}

}  // namespace wan::gate
