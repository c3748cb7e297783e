// What a rater answered on a page of blind trials, as the page exports it: a JSON file of schema 1, which knows sides and no
// configurations.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wan::gate {

inline constexpr std::int64_t kVotesSchema = 1;

enum class Choice { left, right, tie, none };  // none: shown on the page, not answered
const char* to_string(Choice choice);

struct Vote {
  std::string id;  // of the trial
  Choice choice = Choice::none;
  std::int64_t ms = 0;  // from the moment that both clips played to the answer
  bool operator==(const Vote&) const = default;
};

// One sitting: a person at a page, from the first answer to the export.
struct VoteSheet {
  std::int64_t schema = kVotesSchema;
  std::string run, page;          // digests (ab_trials.h)
  std::uint64_t seed = 0;         // of the page
  std::string sitting;            // drawn by the page, so that two exports of one sitting are not taken for two raters
  std::string rater;              // as typed, may be empty
  std::vector<Vote> trials = {};  // every trial of the page, in its order
  bool operator==(const VoteSheet&) const = default;
};

// Ends with a newline. `name` stands for the file in messages.
std::string to_json(const VoteSheet& sheet);
// UsageError with file and path inside it: another schema, an unknown, absent or repeated key, a wrong type, a trial that stands twice,
// no trial at all, a negative time.
VoteSheet votes_from_json(std::string_view text, const std::string& name);

}  // namespace wan::gate
