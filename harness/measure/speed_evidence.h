// What paired times say of a candidate's speed: the Hodges-Lehmann ratio with its exact interval, and a decision whose two looks at the
// data were registered before the first (measurement.md §2.3).
//
// A pair is one block: each configuration once, in random order, a datum the median of a visit. Order counts: the first look is at the
// first blocks, and blocks that came later cannot unmake what it decided.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "harness/measure/decision.h"
#include "harness/measure/timing.h"

namespace wan::measure {

// One look after `first_blocks`; if it leaves the question open, exactly one more after `extended_blocks` altogether, which counts all of
// them. A look's interval has the level 1 - alpha of that look, so that both together err at most first_alpha + extended_alpha of the time.
struct DecisionPlan {
  double materiality = 0.01;  // a slow-down that matters, as a ratio of times less one
  std::size_t first_blocks = 12;
  double first_alpha = 0.025;
  std::size_t extended_blocks = 24;  // 0: there is no second look
  double extended_alpha = 0.025;
};

// A plan of a single look at the whole alpha, for runs of a fixed size.
DecisionPlan single_look(std::size_t blocks, double materiality = 0.01, double alpha = 0.05);

enum class SpeedReason {
  too_few_blocks,         // the first look has not come
  slower,                 // regressed
  not_slower,             // held: equal or faster
  extension_wanted,       // the first look left it open, the second has not come
  open_to_the_last_look,  // inconclusive for good
};

const char* to_string(SpeedReason reason);

struct SpeedEvidence {
  std::size_t n = 0;              // blocks that the figures rest on: those of the look that decided, or of the last that was due
  std::size_t blocks_wanted = 0;  // altogether, for the next look; 0 if there is none to come
  double speedup = 0;             // baseline_s / candidate_s; above 1 the candidate is faster
  std::optional<Interval> speedup_interval = {};  // none if so few pairs have no interval of that level; `low` is what may be claimed
  double materiality = 0;
  Decision decision = Decision::inconclusive;  // on slow-down: whether the interval lies below, above or across 1 / (1 + materiality)
  SpeedReason reason = SpeedReason::too_few_blocks;
};

// ln(candidate_s / baseline_s), positive where the candidate is slower [n]. CheckError if a time is not positive and finite.
std::vector<double> log_time_ratios(std::span<const PairedTime> pairs);

// `log_ratios` [n], one a block in the order of running. CheckError if there are none or one is not finite, and if the plan cannot be
// followed: a negative materiality, an alpha outside (0, 1), an extension that extends nothing, or a first look too small for an interval
// of its level.
SpeedEvidence speed_evidence(std::span<const double> log_ratios, const DecisionPlan& plan);
SpeedEvidence speed_evidence(std::span<const PairedTime> pairs, const DecisionPlan& plan);

}  // namespace wan::measure
