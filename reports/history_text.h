// What a history says, in words: the same in the terminal, in Markdown and on the page.
#pragma once

#include <string>

#include "harness/history/history.h"

namespace wan::reports {

// "2026-01-31: 1.52× → 1.48× (worse), p 0.0005; commit 1a2b → 3c4d"
std::string change_text(const history::Series& series, const history::Change& change);

// How many series there are, were long enough, and changed; one sentence.
std::string history_sentence(const history::History& history);

// "2026-01-31" of an ISO time.
std::string day_of(const history::Night& night);

// What such a finding is worth.
inline constexpr const char* kHistoryNote =
    "Change points inform and decide nothing. They ask only that nights be exchangeable while nothing changes, and are adjusted (Holm) so "
    "that "
    "one night in a hundred shows one where nothing ever changed.";

}  // namespace wan::reports
