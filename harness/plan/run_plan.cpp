#include "harness/plan/run_plan.h"

#include <algorithm>
#include <set>
#include <utility>

#include "harness/plan/filter.h"

namespace wan::plan {
namespace {

// Prompt and seed of a clip, as indices: what a candidate and its baselines have in common.
using Clip = std::pair<std::size_t, std::size_t>;

const Configuration* find(const RunConfig& config, const std::string& id) {
  for (const auto* list : {&config.selected, &config.baselines})
    for (const Configuration& configuration : *list)
      if (configuration.id == id) return &configuration;
  return nullptr;
}

// The clips that the filter leaves of every selected configuration, then those that their baselines need.
std::map<std::string, std::set<Clip>> wanted_clips(const RunConfig& config) {
  const Filter filter(config.settings.filter);
  std::map<std::string, std::set<Clip>> clips;
  for (const Configuration& configuration : config.selected)
    for (std::size_t prompt = 0; prompt < config.suite.prompts.size(); ++prompt)
      for (std::size_t seed = 0; seed < config.seeds.size(); ++seed) {
        const Prompt& text = config.suite.prompts[prompt];
        if (filter.matches({configuration.id, text.id, text.category, config.seeds[seed]})) clips[configuration.id].emplace(prompt, seed);
      }
  for (const auto& [id, own] : std::map(clips))
    for (const std::string& need : needed_baselines(*find(config, id)))
      if (find(config, need)) clips[need].insert(own.begin(), own.end());
  return clips;
}

// Order of execution: lower first.
int rank(const RunConfig& config, const std::string& id) {
  int rank = 3;
  for (const Configuration& other : config.selected) {
    if (other.quality_baseline == id) rank = std::min(rank, 0);
    if (other.noise_floor == id) rank = std::min(rank, 1);
    const auto needs = needed_baselines(other);
    if (std::find(needs.begin(), needs.end(), id) != needs.end()) rank = std::min(rank, 2);
  }
  return rank;
}

// The first prompts, in the suite's order, that have cells.
std::set<std::size_t> teacher_forced_prompts(const RunConfig& config, const std::map<std::string, std::set<Clip>>& clips) {
  std::set<std::size_t> prompts;
  for (const auto& [id, own] : clips)
    for (const auto& [prompt, seed] : own) prompts.insert(prompt);
  while (static_cast<std::int64_t>(prompts.size()) > config.settings.teacher_forced) prompts.erase(std::prev(prompts.end()));
  return prompts;
}

bool is_judged(const RunConfig& config, const Configuration& configuration) {
  const bool selected =
      std::any_of(config.selected.begin(), config.selected.end(), [&](const auto& other) { return other.id == configuration.id; });
  return selected && configuration.id != configuration.quality_baseline && configuration.id != configuration.noise_floor;
}

}  // namespace

RunPlan make_run_plan(const RunConfig& config, const ModelDefaults& model) {
  RunPlan plan{.tier_id = config.tier_id,
               .tier_title = config.tier_title,
               .suite_id = config.suite.id,
               .shape = resolve_shape(config.settings.shape, model),
               .seeds = config.seeds,
               .prompts = config.suite.prompts,
               .metrics = config.settings.metrics.empty() ? config.suite.metrics : config.settings.metrics};
  const auto clips = wanted_clips(config);
  const auto teacher_forced = teacher_forced_prompts(config, clips);
  std::vector<const Configuration*> order;
  for (const auto* list : {&config.baselines, &config.selected})
    for (const Configuration& configuration : *list)
      if (clips.contains(configuration.id)) order.push_back(&configuration);
  std::stable_sort(order.begin(), order.end(), [&](const auto* a, const auto* b) { return rank(config, a->id) < rank(config, b->id); });
  for (const Configuration* configuration : order) {
    PlannedConfiguration planned{.configuration = *configuration, .shape = plan.shape, .judged = is_judged(config, *configuration)};
    if (configuration->guidance) planned.shape.guidance_low = planned.shape.guidance_high = configuration->guidance;
    for (const auto& [prompt, seed] : clips.at(configuration->id))
      plan.cells.push_back({.configuration = plan.configurations.size(),
                            .prompt = prompt,
                            .seed = plan.seeds[seed],
                            .teacher_forced = teacher_forced.contains(prompt)});
    plan.configurations.push_back(std::move(planned));
  }
  return plan;
}

Case make_case(const RunPlan& plan, const PlannedCell& cell, const CaseContext& context) {
  const PlannedConfiguration& planned = plan.configurations.at(cell.configuration);
  const Prompt& prompt = plan.prompts.at(cell.prompt);
  return {.optimizations = planned.configuration.optimizations,
          .shape = planned.shape,
          .prompt = prompt.text,
          .negative = prompt.negative,
          .seed = cell.seed,
          .context = context};
}

}  // namespace wan::plan
