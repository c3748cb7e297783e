#include "harness/gate/votes.h"

#include <fmt/format.h>

#include <set>

#include "engine/base/either.h"
#include "engine/io/json_codec.h"

namespace wan::io {

template <>
struct Words<gate::Choice> {
  static constexpr std::array kAll{gate::Choice::left, gate::Choice::right, gate::Choice::tie, gate::Choice::none};
};

}  // namespace wan::io

namespace wan::gate {
namespace {

constexpr io::JsonSchema kSchema{.number = kVotesSchema, .what = "votes"};
constexpr const char* kRemedy = "votes are read as the page exported them";
constexpr std::size_t kMostBytes = std::size_t{16} << 20;  // a thousand trials take 70 kB
constexpr std::size_t kMostRaterBytes = 1000;

void visit_fields(Either<Vote> auto& value, auto&& visit) {
  visit("id", value.id);
  visit("choice", value.choice);
  visit("ms", value.ms);
}

void visit_fields(Either<VoteSheet> auto& value, auto&& visit) {
  visit("schema", value.schema);
  visit("run", value.run);
  visit("page", value.page);
  visit("seed", value.seed);
  visit("sitting", value.sitting);
  visit("rater", value.rater);
  visit("trials", value.trials);
}

struct VotesFormat : io::JsonFormat {
  template <typename T>
  static constexpr bool kSpread = !std::same_as<T, Vote>;
  void visit(auto& value, auto&& field) const { visit_fields(value, field); }
};

}  // namespace

const char* to_string(Choice choice) {
  switch (choice) {
    case Choice::left:
      return "left";
    case Choice::right:
      return "right";
    case Choice::tie:
      return "tie";
    case Choice::none:
      return "none";
  }
  return "";
}

std::string to_json(const VoteSheet& sheet) { return io::encode_json(sheet, VotesFormat{}) + "\n"; }

VoteSheet votes_from_json(std::string_view text, const std::string& name) {
  if (text.size() > kMostBytes) throw UsageError(fmt::format("{}: {} bytes are no votes, {} are the most", name, text.size(), kMostBytes));
  io::check_schema(text, name, kSchema);
  auto sheet = io::decode_json<VoteSheet>(text, name, VotesFormat{}, kRemedy);
  if (sheet.rater.size() > kMostRaterBytes)
    throw UsageError(fmt::format("{}.rater: a name of {} bytes, {} are the most", name, sheet.rater.size(), kMostRaterBytes));
  if (sheet.trials.empty()) throw UsageError(fmt::format("{}.trials: no trial; a page has at least one; {}", name, kRemedy));
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < sheet.trials.size(); ++i) {
    const Vote& vote = sheet.trials[i];
    if (!seen.insert(vote.id).second) throw UsageError(fmt::format("{}.trials[{}].id: \"{}\" stands twice; {}", name, i, vote.id, kRemedy));
    if (vote.ms < 0) throw UsageError(fmt::format("{}.trials[{}].ms: {} is less than no time; {}", name, i, vote.ms, kRemedy));
  }
  return sheet;
}

}  // namespace wan::gate
