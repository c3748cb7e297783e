#include "tests/support/harness/ab_votes.h"

namespace wan::testing {

gate::Choice choice_of(const gate::AbTrial& trial, Preferred preferred) {
  if (preferred == Preferred::unanswered) return gate::Choice::none;
  if (preferred == Preferred::neither) return gate::Choice::tie;
  return (preferred == Preferred::candidate) == trial.candidate_left ? gate::Choice::left : gate::Choice::right;
}

gate::VoteSheet sheet_of(const store::RunRecord& run, std::uint64_t page_seed, const std::string& sitting,
                         const std::function<Preferred(const gate::AbTrial&)>& prefer) {
  gate::VoteSheet sheet{.run = gate::ab_run_digest(run), .page = {}, .seed = page_seed, .sitting = sitting, .rater = {}};
  std::vector<std::string> ids;
  for (const auto& trial : gate::choose_trials(gate::ab_trials(run, page_seed), 24)) {
    const Preferred preferred = prefer(trial);
    sheet.trials.push_back({.id = trial.id, .choice = choice_of(trial, preferred), .ms = preferred == Preferred::unanswered ? 0 : 1500});
    ids.push_back(trial.id);
  }
  sheet.page = gate::ab_page_id(run, page_seed, ids);
  return sheet;
}

}  // namespace wan::testing
