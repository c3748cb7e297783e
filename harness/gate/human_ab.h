// What people prefer: votes of blind trials, unblinded and pooled, to a verdict a configuration. Pure.
//
// A tie is an answer of its own: ties are reported and left out of share, interval and p, because half a vote for either side is no count
// and would make an exact interval inexact. Votes are pooled over raters and clips as if each were drawn by itself; raters who see the same
// clips agree more than that, so that more clips say more than more raters.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/gate/verdict.h"
#include "harness/gate/votes.h"
#include "harness/measure/confidence.h"
#include "harness/store/record.h"

namespace wan::gate {

// Of the share that prefers the candidate, below one half: how much less than even is still acceptable.
inline constexpr double kAbMargin = 0.10;

// How often a rater who was shown the same clips again, sides swapped, said the same of them.
struct Consistency {
  std::size_t repeats = 0, same = 0;
  bool operator==(const Consistency&) const = default;
};

struct HumanVerdict {
  std::string configuration, baseline;
  Outcome outcome = Outcome::not_measured;         // held, failed, inconclusive, not_measured
  std::string reason = {};                         // a code, details after ": "
  std::size_t wins = 0, losses = 0, ties = 0;      // of the candidate; repeats are not among them
  std::optional<double> share = {};                // wins / (wins + losses); absent without either
  std::optional<measure::Interval> interval = {};  // Clopper-Pearson, two-sided 95 %
  std::optional<double> p = {};                    // exact, two-sided, of a share of one half
  Consistency consistency = {};
};

struct HumanAb {
  double margin = kAbMargin;
  std::size_t sheets = 0;
  std::vector<std::string> raters = {};        // names that were given, each once, in order of the sheets
  std::size_t answered = 0, unanswered = 0;    // trials, repeats included
  std::optional<double> median_answer_s = {};  // of the answered ones, seconds
  Consistency consistency = {};
  std::vector<HumanVerdict> verdicts = {};  // one a judged configuration, in the run's order
};

struct NamedSheet {
  std::string name;  // of the file
  VoteSheet sheet;
};

// UsageError with file and place: votes of another run, trials that are not of this run and seed, a list of trials that is not the page's,
// a sitting that comes twice. CheckError for a margin outside [0, 0.5).
HumanAb judge_votes(const store::RunRecord& run, std::span<const NamedSheet> sheets, double margin = kAbMargin);

// The gravest of what was voted on: failed, inconclusive, held; not_measured without an answer.
Outcome overall(const HumanAb& people);

// From counts alone: outcome, reason, share, interval and p.
void decide(HumanVerdict& verdict, double margin);

}  // namespace wan::gate
