#include "harness/rollout/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/gate/criterion.h"
#include "harness/gate/judge.h"
#include "harness/gate/suite_scores.h"
#include "harness/store/record_text.h"

namespace wan::rollout {
namespace {

using gate::Outcome;

// Prompts are told apart by their words: a suite that repeats one prompt under many ids is no larger for it.
struct Size {
  std::size_t prompts = 0;  // that have the seeds asked for
  std::size_t seeds = 0;    // the fewest of any prompt that counts
  std::set<std::string> categories = {};
};

Size size_of(const store::RunRecord& run, const store::ConfigurationRecord& candidate, std::size_t seeds) {
  std::map<std::string, const plan::Prompt*> prompts;
  for (const auto& prompt : run.prompts) prompts[prompt.id] = &prompt;
  std::map<std::string, std::set<std::uint64_t>> seeds_of;  // by words
  for (const auto& cell : candidate.cells)
    if (const auto found = prompts.find(cell.prompt); found != prompts.end() && cell.status == store::CellStatus::done)
      seeds_of[found->second->text + '\n' + found->second->negative].insert(cell.seed);
  Size size;
  for (const auto& [id, prompt] : prompts) {
    const auto found = seeds_of.find(prompt->text + '\n' + prompt->negative);
    if (found != seeds_of.end() && found->second.size() >= seeds) size.categories.insert(prompt->category);
  }
  for (const auto& [words, of_prompt] : seeds_of) {
    if (of_prompt.size() < seeds) continue;
    size.seeds = size.prompts++ == 0 ? of_prompt.size() : std::min(size.seeds, of_prompt.size());
  }
  return size;
}

// Empty if it is large enough.
std::string shortage(const Size& size, const Requirement& wanted) {
  if (size.prompts < wanted.prompts)
    return fmt::format("too_small: {} of {} prompts have {} seeds", size.prompts, wanted.prompts, wanted.seeds);
  std::vector<std::string> missing;
  for (const auto category : kCategories)
    if (wanted.diverse && !size.categories.contains(std::string(category))) missing.emplace_back(category);
  if (!missing.empty()) return fmt::format("not_diverse: no prompt of {}", fmt::join(missing, ", "));
  return {};
}

// A single prompt has no interval, but it has a value.
bool meets_bounds(const gate::GateResult& gate) {
  return std::all_of(gate.criteria.begin(), gate.criteria.end(), [](const gate::Criterion& criterion) {
    if (criterion.outcome == Outcome::held || (criterion.outcome == Outcome::not_measured && !criterion.bound)) return true;
    return gate::reason_code(criterion.reason) == "too_few_prompts" && criterion.margin && *criterion.margin > 0;
  });
}

const gate::GateResult& deciding(const gate::Verdict& verdict) {
  return verdict.deciding_gate == plan::to_string(plan::GateKind::calibrated) ? verdict.quality_calibrated : verdict.quality_roadmap;
}

// The gate that has the outcome, in words.
std::string words_of(const gate::Verdict& verdict, Outcome outcome) {
  if (verdict.speed.outcome == outcome) return "speed: " + verdict.speed.reason;
  return fmt::format("quality, {} gate: {}", verdict.deciding_gate, deciding(verdict).reason);
}

bool is_held(const gate::Verdict& verdict, Phase phase) {
  if (verdict.overall == Outcome::held) return true;
  const bool in_time = verdict.speed.outcome == Outcome::held || verdict.speed.outcome == Outcome::not_claimed;
  return requirement(phase).prompts == 1 && in_time && meets_bounds(deciding(verdict));
}

std::string unless_equal(const char* what, const std::string& wanted, const std::string& found) {
  return wanted.empty() || wanted == found ? "" : fmt::format("other_{}: {}, the rollout's is {}", what, found, wanted);
}

}  // namespace

std::string difference(const store::RunRecord& run, const Subject& subject) {
  const auto* candidate = gate::find_configuration(run, subject.configuration.id);
  if (!candidate) return fmt::format("other_configuration: {} is not part of it", subject.configuration.id);
  plan::Configuration same = subject.configuration;
  same.summary = candidate->configuration.summary;  // words for people
  if (candidate->configuration != same)
    return fmt::format("other_configuration: its {} has other optimisations, bounds or baselines", subject.configuration.id);
  // The first evidence fixes the weights; until then the model is known by name alone.
  const std::string model = subject.weights_hash.empty() ? subject.model : "";
  for (const auto& fault : {unless_equal("model", model, run.model), unless_equal("weights", subject.weights_hash, run.weights_hash),
                            unless_equal("machine_class", subject.machine_class, store::machine_class(run.environment)),
                            unless_equal("shape", subject.shape, store::shape_text(run.shape))})
    if (!fault.empty()) return fault;
  return {};
}

gate::Criterion judged_bad(const store::RunRecord& run, const std::string& configuration) {
  for (const gate::Verdict& verdict : gate::judge(run))
    if (verdict.configuration == configuration && verdict.judged &&
        (verdict.overall == Outcome::failed || verdict.overall == Outcome::rejected))
      return {.name = "gates",
              .outcome = verdict.overall,
              .reason = fmt::format("gate_{}: {} ({})", to_string(verdict.overall), words_of(verdict, verdict.overall), run.run_id)};
  return {};
}

Finding examine(const store::RunRecord& run, const Subject& subject, Phase phase) {
  if (const std::string other = difference(run, subject); !other.empty()) return {.says = Says::nothing, .reason = other};
  const auto* candidate = gate::find_configuration(run, subject.configuration.id);
  const auto verdicts = gate::judge(run);
  const auto& verdict = *std::find_if(verdicts.begin(), verdicts.end(),
                                      [&](const gate::Verdict& one) { return one.configuration == subject.configuration.id; });
  if (!verdict.judged) return {.says = Says::nothing, .reason = "not_judged: it is there because others are compared with it"};
  const Requirement wanted = requirement(phase);
  const Size size = size_of(run, *candidate, wanted.seeds);
  Finding finding{.evidence = {.run_id = run.run_id,
                               .seal = run.seal,
                               .build_id = run.environment.build_id,
                               .outcome = to_string(verdict.overall),
                               .prompts = static_cast<std::int64_t>(size.prompts),
                               .seeds = static_cast<std::int64_t>(size.seeds)}};
  const auto say = [&](Says says, std::string reason) {
    finding.says = says;
    finding.reason = std::move(reason);
    return finding;
  };
  if (verdict.overall == Outcome::rejected || verdict.overall == Outcome::failed)
    return say(Says::rejected, fmt::format("gate_{}: {}", to_string(verdict.overall), words_of(verdict, verdict.overall)));
  if (!run.complete) return say(Says::too_little, "unfinished: `--resume` continues it");
  if (!run.shard.empty()) return say(Says::too_little, fmt::format("shard {}: `wan-eval merge` joins them", run.shard));
  if (const std::string fault = shortage(size, wanted); !fault.empty()) return say(Says::too_little, fault);
  if (!is_held(verdict, phase))
    return say(Says::too_little, fmt::format("gate_{}: {}", to_string(verdict.overall), words_of(verdict, verdict.overall)));
  if (verdict.overall != Outcome::held) finding.evidence.outcome = "values_held";
  return say(Says::held,
             fmt::format("{} prompt{} x {} seed{}", size.prompts, size.prompts == 1 ? "" : "s", size.seeds, size.seeds == 1 ? "" : "s"));
}

Subject fixed_by(const Subject& subject, const store::RunRecord& run) {
  Subject fixed = subject;
  fixed.weights_hash = run.weights_hash;
  fixed.machine_class = store::machine_class(run.environment);
  fixed.shape = store::shape_text(run.shape);
  return fixed;
}

}  // namespace wan::rollout
