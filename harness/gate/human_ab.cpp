#include "harness/gate/human_ab.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/base/error.h"
#include "harness/gate/ab_trials.h"
#include "harness/gate/criterion.h"
#include "harness/gate/judge.h"
#include "harness/measure/distributions.h"
#include "harness/measure/proportion.h"
#include "harness/measure/statistics.h"

namespace wan::gate {
namespace {

enum class Preference { candidate, baseline, tie };

Preference preference(const AbTrial& trial, Choice choice) {
  if (choice == Choice::tie) return Preference::tie;
  return (choice == Choice::left) == trial.candidate_left ? Preference::candidate : Preference::baseline;
}

// Under one half the distribution is symmetric, so twice the smaller tail is the exact two-sided p.
double even_odds_p(std::size_t wins, std::size_t losses) {
  return std::min(1.0, 2 * measure::binomial_cdf(std::min(wins, losses), wins + losses, 0.5));
}

class Pool {
 public:
  Pool(const store::RunRecord& run, double margin) : run_(run) {
    people_.margin = margin;
    for (const auto& record : run.configurations)
      if (is_judged(run, record))
        people_.verdicts.push_back(
            {.configuration = record.configuration.id, .baseline = record.configuration.quality_baseline, .reason = "no_votes"});
  }

  void add(const NamedSheet& named) {
    const VoteSheet& sheet = named.sheet;
    check(named);
    const auto& trials = trials_of(sheet.seed);
    std::map<const store::Cell*, Preference> first, again;
    for (std::size_t i = 0; i < sheet.trials.size(); ++i) {
      const Vote& vote = sheet.trials[i];
      const auto found = trials.find(vote.id);
      if (found == trials.end())
        throw UsageError(
            fmt::format("{}.trials[{}].id: \"{}\" is no trial of run {} under seed {}", named.name, i, vote.id, run_.run_id, sheet.seed));
      if (vote.choice == Choice::none) {
        ++people_.unanswered;
        continue;
      }
      const AbTrial& trial = found->second;
      (trial.repeat ? again : first).emplace(trial.candidate, preference(trial, vote.choice));
      answer_s_.push_back(static_cast<double>(vote.ms) / 1000);
    }
    check_page(named);
    for (const auto& [cell, preferred] : first) count(*cell, preferred);
    for (const auto& [cell, preferred] : again)
      if (const auto before = first.find(cell); before != first.end()) compare(*cell, before->second == preferred);
    ++people_.sheets;
    if (!sheet.rater.empty() && std::find(people_.raters.begin(), people_.raters.end(), sheet.rater) == people_.raters.end())
      people_.raters.push_back(sheet.rater);
  }

  HumanAb finish() {
    people_.answered = answer_s_.size();
    if (!answer_s_.empty()) people_.median_answer_s = measure::median(answer_s_);
    for (auto& verdict : people_.verdicts) decide(verdict, people_.margin);
    return std::move(people_);
  }

 private:
  void check(const NamedSheet& named) {
    const VoteSheet& sheet = named.sheet;
    if (const std::string digest = ab_run_digest(run_); sheet.run != digest)
      throw UsageError(fmt::format("{}.run: \"{}\" is another run; that of {} is \"{}\"", named.name, sheet.run, run_.run_id, digest));
    const auto [before, is_new] = sittings_.emplace(sheet.sitting, named.name);
    if (!is_new)
      throw UsageError(
          fmt::format("{}.sitting: the same sitting as in {}; give the later export of the two alone, or its votes would count twice",
                      named.name, before->second));
  }

  void check_page(const NamedSheet& named) const {
    std::vector<std::string> ids;
    for (const auto& vote : named.sheet.trials) ids.push_back(vote.id);
    if (ab_page_id(run_, named.sheet.seed, ids) != named.sheet.page)
      throw UsageError(
          fmt::format("{}.page: \"{}\" does not fit the trials listed; one was taken away, added or moved", named.name, named.sheet.page));
  }

  const std::map<std::string, AbTrial>& trials_of(std::uint64_t seed) {
    const auto [found, is_new] = trials_.try_emplace(seed);
    if (is_new)
      for (auto& trial : ab_trials(run_, seed)) found->second.emplace(trial.id, trial);
    return found->second;
  }

  HumanVerdict& verdict_of(const store::Cell& cell) {
    const auto found = std::find_if(people_.verdicts.begin(), people_.verdicts.end(),
                                    [&](const HumanVerdict& verdict) { return verdict.configuration == cell.configuration; });
    WAN_CHECK(found != people_.verdicts.end(), "a trial of {}, which is not judged", cell.configuration);
    return *found;
  }

  void count(const store::Cell& cell, Preference preferred) {
    HumanVerdict& verdict = verdict_of(cell);
    ++(preferred == Preference::tie ? verdict.ties : preferred == Preference::candidate ? verdict.wins : verdict.losses);
  }

  void compare(const store::Cell& cell, bool same) {
    for (Consistency* one : {&verdict_of(cell).consistency, &people_.consistency}) {
      ++one->repeats;
      one->same += same ? 1 : 0;
    }
  }

  const store::RunRecord& run_;
  HumanAb people_;
  std::map<std::string, std::string> sittings_;  // and the file that brought it
  std::map<std::uint64_t, std::map<std::string, AbTrial>> trials_;
  std::vector<double> answer_s_;
};

}  // namespace

void decide(HumanVerdict& verdict, double margin) {
  const std::size_t preferences = verdict.wins + verdict.losses;
  if (preferences == 0) {
    verdict.outcome = verdict.ties > 0 ? Outcome::inconclusive : Outcome::not_measured;
    verdict.reason = verdict.ties > 0 ? "only_ties: nobody preferred either" : "no_votes";
    return;
  }
  verdict.share = static_cast<double>(verdict.wins) / static_cast<double>(preferences);
  verdict.interval = measure::clopper_pearson(verdict.wins, preferences);
  verdict.p = even_odds_p(verdict.wins, verdict.losses);
  const double least = 0.5 - margin;
  if (verdict.interval->high < least) {
    verdict.outcome = Outcome::failed;
    verdict.reason = fmt::format("baseline_preferred: at most {:.4f} prefer it, below {:.4g}", verdict.interval->high, least);
  } else if (verdict.interval->low > least) {
    verdict.outcome = Outcome::held;
    verdict.reason = fmt::format("not_worse: at least {:.4f} prefer it, above {:.4g}", verdict.interval->low, least);
  } else {
    verdict.outcome = Outcome::inconclusive;
    verdict.reason = fmt::format("interval_holds_bound: {:.4f} to {:.4f} around {:.4g}; more votes", verdict.interval->low,
                                 verdict.interval->high, least);
  }
}

HumanAb judge_votes(const store::RunRecord& run, std::span<const NamedSheet> sheets, double margin) {
  WAN_CHECK(margin >= 0 && margin < 0.5, "a margin of {} outside [0, 0.5)", margin);
  Pool pool(run, margin);
  for (const auto& sheet : sheets) pool.add(sheet);
  return pool.finish();
}

Outcome overall(const HumanAb& people) {
  std::optional<Outcome> gravest;
  for (const auto& verdict : people.verdicts)
    if (verdict.outcome != Outcome::not_measured) gravest = gravest ? outweighing(*gravest, verdict.outcome) : verdict.outcome;
  return gravest.value_or(Outcome::not_measured);
}

}  // namespace wan::gate
