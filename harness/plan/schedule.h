// When what is measured. A block holds one visit of every configuration, in an order of its own, so that whatever drifts (clocks,
// temperature, other programs) meets all of them alike and times are compared within a block alone. Pure.
//
// Orders are rows of a Williams design (Williams 1949, Aust. J. Sci. Res. A 2: each configuration follows each other equally often); of two
// configurations they alternate, A B B A. Which configuration is which letter and which row comes when is drawn with the seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "harness/plan/run_plan.h"

namespace wan::plan {

// A stay at one configuration.
struct Visit {
  std::size_t block = 0;
  std::size_t configuration = 0;        // index into RunPlan::configurations
  std::vector<std::size_t> cells = {};  // whose clips it makes, indices into RunPlan::cells, at least one
  bool operator==(const Visit&) const = default;
};

struct Schedule {
  std::uint64_t order_seed = 0;
  std::size_t blocks = 0;
  std::vector<Visit> visits = {};  // in order; a block's are together
  std::size_t runs_a_visit = 1;    // timed generations of a visit at the least: its clips once, then again in turn
  std::size_t steps_a_visit = 0;   // of each expert, timed in place of clips, which are made once for their quality; 0: clips are timed
  std::size_t extension = 0;       // blocks that may follow for what these leave open; 0: none
};

inline constexpr std::size_t kBlocks = 12;       // where nobody asks for others and there are as many clips
inline constexpr std::size_t kFewestBlocks = 6;  // for an interval of 95 % of an exact signed-rank test
// For one of 97.5 %: of two registered looks each has half of the error.
inline constexpr std::size_t kFewestExtensibleBlocks = 7;

// `blocks`: 0 for min(kBlocks, clips). With fewer blocks than clips a visit makes several; with more, the clips come again. A configuration
// that a filter leaves without a block's clips has no visit there.
Schedule make_schedule(const RunPlan& plan, std::size_t blocks, std::uint64_t order_seed);

// Registers an extension: as many blocks again. False, and nothing is changed, with fewer than kFewestExtensibleBlocks.
bool register_extension(Schedule& schedule);

// `first` with its extension for some configurations (indices into RunPlan::configurations) behind it: block `first.blocks` + k makes the
// clips of block k again, in an order that follows from the order seed and these configurations. CheckError if none is registered.
Schedule extended(const Schedule& first, const std::set<std::size_t>& configurations);

// The text of --dry-run: configurations with their optimisations, cells, shape, predicted minutes or "unknown", and the visits in their
// order. With an extension what it adds at the most.
std::string describe(const RunPlan& plan, const Schedule& schedule, const Costs& costs);

// By configuration the cell whose steps are timed in every visit (steps_a_visit): the first that all configurations have, so that pairs
// are of the same work and each visit can be held against the one before; where they share none, its own first.
std::vector<std::size_t> cells_of_timed_steps(const RunPlan& plan);

// One block, configuration by configuration as planned: where no times are compared.
Schedule in_plan_order(const RunPlan& plan);

// Rows of a Williams design for `n` treatments: n rows where n is even, 2 n where it is odd (1 and 2: the rows there are).
std::vector<std::vector<std::size_t>> williams_design(std::size_t n);

}  // namespace wan::plan
