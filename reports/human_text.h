// What people preferred in blind trials, in words that the terminal and the page share.
#pragma once

#include <string>

#include "harness/gate/human_ab.h"

namespace wan::reports {

std::string preferred_share(const gate::HumanVerdict& verdict);     // "41.7 %", "–" without a preference
std::string preferred_interval(const gate::HumanVerdict& verdict);  // "15.2 to 72.3 %"
std::string preference_p(const gate::HumanVerdict& verdict);
std::string repeats_text(const gate::Consistency& consistency);  // "3 of 4 same"

// How many sat down, what they answered, how steady they were.
std::string human_sentence(const gate::HumanAb& people);
// How ties and repeats count, and what held and failed mean at this margin.
std::string human_convention(const gate::HumanAb& people);

}  // namespace wan::reports
