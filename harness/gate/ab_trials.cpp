#include "harness/gate/ab_trials.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/base/sha256.h"
#include "harness/gate/judge.h"
#include "harness/gate/suite_scores.h"

namespace wan::gate {
namespace {

constexpr std::size_t kDigits = 16;  // 64 bits: no two trials of a run share them
constexpr std::size_t kTrialsPerRepeat = 6, kMostRepeats = 6;

bool is_odd(char digit) { return std::string_view("13579bdf").find(digit) != std::string_view::npos; }

AbTrial trial_of(const store::RunRecord& run, std::uint64_t page_seed, const store::Cell& candidate, const store::Cell& baseline,
                 bool repeat) {
  const auto digest = [&](const char* what) {
    return sha256_hex(fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", what, run.run_id, page_seed, candidate.configuration,
                                  candidate.prompt, candidate.seed, candidate.seal, baseline.configuration, baseline.seal));
  };
  const std::string place = digest(repeat ? "repeat" : "first");
  return {.id = place.substr(0, kDigits),
          .candidate = &candidate,
          .baseline = &baseline,
          .repeat = repeat,
          .candidate_left = is_odd(digest("side").back()) != repeat,
          .order = place.substr(place.size() - kDigits)};
}

bool by_order(const AbTrial& a, const AbTrial& b) { return a.order < b.order; }

// The first showings of one configuration, so that the prompts take turns before any of them comes with its next seed.
std::vector<AbTrial> in_turns(std::vector<AbTrial> trials) {
  std::map<std::string, std::size_t> seen;
  std::vector<std::pair<std::size_t, AbTrial>> turns;
  for (auto& trial : trials) {
    const std::size_t turn = seen[trial.candidate->prompt]++;
    turns.emplace_back(turn, std::move(trial));
  }
  std::stable_sort(turns.begin(), turns.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::transform(turns.begin(), turns.end(), trials.begin(), [](auto& turn) { return std::move(turn.second); });
  return trials;
}

}  // namespace

std::vector<AbTrial> ab_trials(const store::RunRecord& run, std::uint64_t page_seed) {
  std::vector<AbTrial> trials;
  for (const auto& record : run.configurations) {
    const auto* baseline = find_configuration(run, record.configuration.quality_baseline);
    if (!baseline || baseline == &record || !is_judged(run, record)) continue;
    const auto references = by_clip(*baseline);
    for (const auto& cell : record.cells) {
      const auto found = references.find({cell.prompt, cell.seed});
      if (found == references.end() || cell.status != store::CellStatus::done) continue;
      const store::Cell& reference = *found->second;
      if (reference.status != store::CellStatus::done || cell.clip_hash == reference.clip_hash) continue;
      for (const bool repeat : {false, true}) trials.push_back(trial_of(run, page_seed, cell, reference, repeat));
    }
  }
  return trials;
}

std::vector<AbTrial> choose_trials(std::span<const AbTrial> trials, std::size_t most) {
  std::vector<std::vector<AbTrial>> configurations;
  for (const auto& trial : trials) {
    if (trial.repeat) continue;
    if (configurations.empty() || configurations.back().front().candidate->configuration != trial.candidate->configuration)
      configurations.emplace_back();
    configurations.back().push_back(trial);
  }
  std::vector<AbTrial> chosen;
  std::size_t longest = 0;
  for (auto& own : configurations) {
    own = in_turns(std::move(own));
    longest = std::max(longest, own.size());
  }
  for (std::size_t turn = 0; turn < longest; ++turn)
    for (std::size_t c = 0; c < configurations.size() && chosen.size() < most; ++c)
      if (turn < configurations[c].size()) chosen.push_back(configurations[c][(turn + c) % configurations[c].size()]);
  std::sort(chosen.begin(), chosen.end(), by_order);

  const std::size_t half = chosen.size() / 2;
  const std::size_t repeats = std::min({half, kMostRepeats, (chosen.size() + kTrialsPerRepeat - 1) / kTrialsPerRepeat});
  for (std::size_t i = 0; i < repeats; ++i) {
    const auto is_again = [&](const AbTrial& trial) { return trial.repeat && trial.candidate == chosen[i].candidate; };
    const auto again = std::find_if(trials.begin(), trials.end(), is_again);
    if (again != trials.end()) chosen.push_back(*again);
  }
  std::sort(chosen.begin() + static_cast<std::ptrdiff_t>(half), chosen.end(), by_order);
  return chosen;
}

std::string ab_run_digest(const store::RunRecord& run) { return sha256_hex("run\n" + run.run_id).substr(0, kDigits); }

std::string ab_page_id(const store::RunRecord& run, std::uint64_t page_seed, std::span<const std::string> trial_ids) {
  return sha256_hex(fmt::format("page\n{}\n{}\n{}", run.run_id, page_seed, fmt::join(trial_ids, "\n"))).substr(0, kDigits);
}

}  // namespace wan::gate
