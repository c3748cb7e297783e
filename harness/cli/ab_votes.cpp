#include "harness/cli/ab_votes.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/cli/text_table.h"
#include "harness/store/cell_log.h"
#include "reports/format.h"
#include "reports/human_text.h"

namespace wan::cli {

namespace fs = std::filesystem;

gate::HumanAb judge_vote_files(const store::RunRecord& run, const std::vector<fs::path>& files, double margin) {
  std::vector<gate::NamedSheet> sheets;
  for (const auto& file : files)
    sheets.push_back({.name = file.string(), .sheet = gate::votes_from_json(store::read_text(file), file.string())});
  return gate::judge_votes(run, sheets, margin);
}

std::optional<gate::HumanAb> judge_collected_votes(const store::RunRecord& run, const fs::path& folder, double margin) {
  std::vector<fs::path> files;
  if (folder.empty() || !fs::is_directory(folder / kVotesFolder)) return std::nullopt;
  for (const auto& entry : fs::directory_iterator(folder / kVotesFolder))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  if (files.empty()) return std::nullopt;
  std::sort(files.begin(), files.end());
  return judge_vote_files(run, files, margin);
}

std::string ab_text(const gate::HumanAb& people) {
  TextTable table{.columns = {{"human A/B"},
                              {"wins", true},
                              {"losses", true},
                              {"ties", true},
                              {"prefer it", true},
                              {"95 % interval", true},
                              {"p", true},
                              {"repeats", true},
                              {"verdict"}}};
  for (const auto& verdict : people.verdicts)
    table.rows.push_back({verdict.configuration, std::to_string(verdict.wins), std::to_string(verdict.losses), std::to_string(verdict.ties),
                          reports::preferred_share(verdict), reports::preferred_interval(verdict), reports::preference_p(verdict),
                          reports::repeats_text(verdict.consistency),
                          reports::outcome_icon(verdict.outcome) + " " + reports::outcome_word(verdict.outcome)});
  return "\n" + render(table) + reports::human_sentence(people) + "\n" + reports::human_convention(people) +
         fmt::format("\nPeople: {}. The exit status is the graver of this and of the gates' verdicts.\n",
                     reports::outcome_word(gate::overall(people)));
}

}  // namespace wan::cli
