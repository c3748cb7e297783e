// The page of blind trials: one HTML file with the clips in it, which plays a candidate's clip beside its baseline's without saying which
// is which, takes a choice and exports votes (harness/gate/votes.h). The only page here with a script; it needs no network and no server.
//
// The page holds no key: sides follow from the run's own seals (harness/gate/ab_trials.h). A determined reader of its source can still find
// out that the same clip comes back in several trials, which then is the baseline's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "reports/section.h"

namespace wan::reports {

struct AbOptions {
  std::size_t trials = 24;  // at most; repeats come on top
  std::uint64_t seed = 0;   // of sides and order
};

struct AbPage {
  std::string html;
  std::string id;  // 16 hexadecimal digits, which votes name
  std::size_t trials = 0, repeats = 0;
  std::size_t left_out = 0;       // pairs of clips over the limit
  std::size_t without_clips = 0;  // pairs of which the run kept at most one clip
  std::string media;              // how the clips are embedded, as a sentence
};

// UsageError without one pair of kept clips that differ, or if a clip cannot be read.
AbPage render_ab_page(const Dataset& data, const AbOptions& options);

}  // namespace wan::reports
