#include "harness/cli/exit_status.h"

#include <algorithm>
#include <array>

#include "harness/gate/criterion.h"

namespace wan::cli {
namespace {

using gate::Outcome;

bool lacks_baseline(const gate::Verdict& verdict) {
  const auto is_lack = [](const gate::Criterion& criterion) { return gate::reason_code(criterion.reason) == "no_baseline"; };
  for (const auto* gate : {&verdict.speed, &verdict.quality_roadmap})
    if (std::any_of(gate->criteria.begin(), gate->criteria.end(), is_lack)) return true;
  return false;
}

ExitStatus status_of(const gate::HumanAb& people) {
  switch (gate::overall(people)) {
    case Outcome::failed:
      return ExitStatus::failed;
    case Outcome::held:
      return ExitStatus::held;
    default:
      return ExitStatus::inconclusive;
  }
}

// The gravest first.
constexpr std::array kGravity{ExitStatus::failed, ExitStatus::invalid, ExitStatus::nothing, ExitStatus::inconclusive, ExitStatus::held};

}  // namespace

ExitStatus exit_status(std::span<const gate::Verdict> verdicts) {
  const auto any = [&](auto holds) {
    return std::any_of(verdicts.begin(), verdicts.end(), [&](const gate::Verdict& verdict) { return verdict.judged && holds(verdict); });
  };
  const auto is = [](auto... outcomes) { return [=](const gate::Verdict& verdict) { return ((verdict.overall == outcomes) || ...); }; };
  if (any(is(Outcome::failed, Outcome::rejected))) return ExitStatus::failed;
  if (any([&](const gate::Verdict& verdict) { return verdict.overall == Outcome::invalid && !lacks_baseline(verdict); }))
    return ExitStatus::invalid;
  if (any(is(Outcome::invalid))) return ExitStatus::nothing;
  if (any(is(Outcome::inconclusive, Outcome::not_measured))) return ExitStatus::inconclusive;
  return any([](const gate::Verdict&) { return true; }) ? ExitStatus::held : ExitStatus::nothing;
}

ExitStatus exit_status(std::span<const gate::Verdict> verdicts, const gate::HumanAb& people) {
  const std::array both{exit_status(verdicts), status_of(people)};
  return *std::find_first_of(kGravity.begin(), kGravity.end(), both.begin(), both.end());
}

}  // namespace wan::cli
