// The trials of a blind comparison: which clip of a candidate meets its baseline's, under which id, and which of the two stands left.
//
// All of it follows from the page's seed and the seals of the two stored cells, by SHA-256. A page carries ids alone, so that it holds no
// key; whoever holds the run can find the key again, and nothing but the run is needed to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/store/record.h"

namespace wan::gate {

struct AbTrial {
  std::string id;  // 16 hexadecimal digits
  const store::Cell* candidate = nullptr;
  const store::Cell* baseline = nullptr;  // of the same prompt and seed
  bool repeat = false;  // the same clips a second time, sides swapped: says how steady a rater is, and counts for nothing else
  bool candidate_left = false;
  std::string order;  // 16 hexadecimal digits that tell nothing of the above: sorting by them is a shuffle
};

// Every trial that a page of this seed could hold: judged configurations in the run's order, each finished cell whose clip differs from the
// baseline's, first as it is and then as repeat. The cells are those of `run`, which must outlive them.
std::vector<AbTrial> ab_trials(const store::RunRecord& run, std::uint64_t page_seed);

// At most `most` of the first showings among `trials`, in the order of a page: configurations take turns, each of them another prompt every
// time. Behind the first half stand repeats of trials of that half, one to six trials but at most six; they come on top of `most`.
std::vector<AbTrial> choose_trials(std::span<const AbTrial> trials, std::size_t most);

// 16 hexadecimal digits that stand for a run without its name, which may be that of a configuration.
std::string ab_run_digest(const store::RunRecord& run);

// 16 hexadecimal digits of a page: of run, seed and its trials in order. Votes from which a trial was taken away no longer fit it.
std::string ab_page_id(const store::RunRecord& run, std::uint64_t page_seed, std::span<const std::string> trial_ids);

}  // namespace wan::gate
