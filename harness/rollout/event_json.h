// Events as JSON lines and back. Reading is strict: another schema, an absent, repeated or unknown key or a wrong type is a UsageError that
// names the file and the path inside it.
#pragma once

#include <string>
#include <string_view>

#include "harness/rollout/rollout.h"

namespace wan::rollout {

// One line without its newline.
std::string to_json_line(const Event& event);
Event event_from_json_line(std::string_view line, const std::string& name);

// SHA-256 over the event without its seal and the seal of the event before it: a line that is edited, or gone from the middle, shows.
std::string seal_of(const Event& event, const std::string& previous_seal);

}  // namespace wan::rollout
