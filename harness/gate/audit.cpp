#include "harness/gate/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace wan::gate {
namespace {

using store::Cell;

// What the model was told, by prompt id: the same words may give the same clip.
std::map<std::string, std::string> words_of(const store::RunRecord& run) {
  std::map<std::string, std::string> words;
  for (const auto& prompt : run.prompts) words[prompt.id] = prompt.text + '\n' + prompt.negative;
  return words;
}

Criterion verdict(const char* name, std::size_t n, Outcome worst, const std::string& fault) {
  return {.name = name, .outcome = fault.empty() ? Outcome::held : worst, .reason = fault.empty() ? "none" : fault, .n = n};
}

// By hash the cells that carry it.
std::map<std::string, std::vector<const Cell*>> by_hash(const store::ConfigurationRecord& candidate) {
  std::map<std::string, std::vector<const Cell*>> clips;
  for (const Cell& cell : candidate.cells)
    if (cell.status == store::CellStatus::done && !cell.clip_hash.empty()) clips[cell.clip_hash].push_back(&cell);
  return clips;
}

// Asked for by other words or by another seed.
std::size_t distinct_requests(const std::vector<const Cell*>& cells, std::map<std::string, std::string>& words, bool seeds_too) {
  std::set<std::pair<std::string, std::uint64_t>> requests;
  for (const Cell* cell : cells)
    requests.insert({words.contains(cell->prompt) ? words[cell->prompt] : cell->prompt, seeds_too ? cell->seed : 0});
  return requests.size();
}

void add_hash_audits(std::vector<Criterion>& criteria, const store::RunRecord& run, const store::ConfigurationRecord& candidate) {
  auto words = words_of(run);
  const auto clips = by_hash(candidate);
  std::vector<const Cell*> all;
  for (const auto& [hash, cells] : clips) all.insert(all.end(), cells.begin(), cells.end());
  if (distinct_requests(all, words, true) < 2) return;
  const bool constant = clips.size() == 1;
  criteria.push_back(verdict("constant_output", all.size(), Outcome::rejected,
                             constant ? fmt::format("constant: all {} clips are one and the same", all.size()) : ""));
  if (constant || distinct_requests(all, words, false) < 2) return;
  std::string shared;
  for (const auto& [hash, cells] : clips)
    if (shared.empty() && distinct_requests(cells, words, false) > 1)
      shared = fmt::format("cached: {} and {} share one clip", cells.front()->prompt, cells.back()->prompt);
  criteria.push_back(verdict("same_prompt_caching", all.size(), Outcome::rejected, shared));
}

void add_forward_audit(std::vector<Criterion>& criteria, const store::RunRecord& run, const store::ConfigurationRecord& candidate) {
  std::map<std::int64_t, const Cell*> counts;
  std::size_t n = 0;
  for (const Cell& cell : candidate.cells) {
    if (cell.status != store::CellStatus::done || cell.transformer_forwards <= 0 || !cell.fallbacks.empty()) continue;
    ++n;
    counts.emplace(cell.transformer_forwards, &cell);
  }
  if (n == 0) return;
  const auto implied = implied_forwards(run.shape, candidate.configuration);
  std::string fault;
  const auto& [fewest, fewest_cell] = *counts.begin();
  const auto& [most, most_cell] = *counts.rbegin();
  if (fewest != most)
    fault = fmt::format("forwards_differ: {} for {}, {} for {}", fewest, fewest_cell->prompt, most, most_cell->prompt);
  else if (implied && fewest != *implied)
    fault = fmt::format("forwards_unplanned: {} a clip, {} steps imply {}", fewest, run.shape.steps, *implied);
  Criterion criterion = verdict("transformer_forwards", n, Outcome::failed, fault);
  criterion.value = static_cast<double>(fewest);
  if (implied) criterion.bound = static_cast<double>(*implied);
  criteria.push_back(std::move(criterion));
}

// Of timed steps: as many passes a step as a clip's plan implies.
void add_steps_audit(std::vector<Criterion>& criteria, const store::RunRecord& run, const store::ConfigurationRecord& candidate) {
  const auto implied = implied_forwards(run.shape, candidate.configuration);
  if (!implied) return;
  std::size_t n = 0;
  std::string fault;
  for (const auto& visit : run.visits) {
    if (visit.configuration != candidate.configuration.id || !visit.steps || !visit.void_reason.empty()) continue;
    const auto& steps = *visit.steps;
    if (steps.run_s.empty() || steps.transformer_forwards <= 0 || !steps.fallbacks.empty()) continue;
    ++n;
    const auto timed = static_cast<std::int64_t>(steps.high_noise_step_s.size() + steps.low_noise_step_s.size());
    if (fault.empty() && steps.transformer_forwards * run.shape.steps != *implied * timed)
      fault = fmt::format("forwards_unplanned: {} for {} timed steps in block {}, {} a step are implied", steps.transformer_forwards, timed,
                          visit.block + 1, *implied / run.shape.steps);
  }
  if (n > 0) criteria.push_back(verdict("timed_forwards", n, Outcome::failed, fault));
}

}  // namespace

std::optional<std::int64_t> implied_forwards(const plan::Shape& shape, const plan::Configuration& configuration) {
  const auto low = configuration.guidance ? configuration.guidance : shape.guidance_low;
  const auto high = configuration.guidance ? configuration.guidance : shape.guidance_high;
  if (shape.steps <= 0 || !low || !high || *low <= 1 || *high <= 1) return std::nullopt;
  // Where these are on, the number of passes is theirs to choose.
  static const std::set<std::string> kOtherCounts{"batch", "distilled_steps", "speculative", "fast_mode", "cfg_skip", "fused_cfg", "cache"};
  for (const auto& choice : configuration.optimizations)
    if (kOtherCounts.contains(choice.id)) return std::nullopt;
  return 2 * shape.steps;
}

std::vector<Criterion> audit(const store::RunRecord& run, const store::ConfigurationRecord& candidate) {
  std::vector<Criterion> criteria;
  add_hash_audits(criteria, run, candidate);
  add_forward_audit(criteria, run, candidate);
  add_steps_audit(criteria, run, candidate);
  return criteria;
}

}  // namespace wan::gate
