#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/base/error.h"
#include "harness/plan/filter.h"
#include "harness/plan/parse.h"
#include "harness/plan/reader.h"
#include "harness/plan/selection.h"
#include "harness/plan/suite_file.h"

namespace wan::plan {
namespace {

constexpr const char* kCommandLine = "wan-eval";  // the place of what nobody said

// What a layer above the tier files says of every selected configuration.
void read_judgement(TableReader& reader, Configuration& configuration) {
  reader(Field{.name = "gate"}, configuration.gate);
  reader(Field{.name = "thresholds"}, configuration.thresholds);
}

// First pass over the layers: every fault, and which files to read. Returns the configurations that the config file defines.
std::vector<DraftConfiguration> read_settings(const Layers& layers, const Known& known, Settings& settings, Faults& faults) {
  std::vector<DraftConfiguration> own;
  for (const Node& document : layers.documents()) {
    TableReader reader(document, faults);
    visit_fields(settings, reader);
    DraftConfiguration prototype;
    read_judgement(reader, prototype.value);
    if (&document == &layers.config_file()) {
      if (reader.take("schema")) check_schema(reader, faults);
      own = read_configurations(reader, prototype, known, faults);
    }
    reader.finish();
  }
  if (const Member* metrics = layers.strongest("metrics")) check_metrics(*metrics, known, faults);
  return own;
}

void select(const Layers& layers, const std::vector<DraftConfiguration>& own, Selection& selection, RunConfig& config, Faults& faults) {
  Settings& settings = config.settings;
  if (!settings.tiers.empty() && !settings.configs.empty())
    faults.add(layers.place_of("configs", kCommandLine), "name tiers or configurations, not both: a filter chooses within a tier");
  if (settings.tiers.empty() && settings.configs.empty())
    for (const DraftConfiguration& draft : own) settings.configs.push_back(draft.value.id);
  if (settings.tiers.empty() && settings.configs.empty())
    faults.add({.source = kCommandLine}, "nothing to run: name a tier with --tier or configurations with --config");
  selection.define(own);
  if (settings.tiers.empty()) {
    selection.select_configurations(settings.configs, layers.place_of("configs", kCommandLine));
    config.tier_id = "custom";
    return;
  }
  selection.select_tiers(settings.tiers, layers.place_of("tiers", kCommandLine));
  for (const TierFile* file : selection.tiers()) {
    config.tier_id += (config.tier_id.empty() ? "" : "+") + file->tier.id;
    config.tier_title += (config.tier_title.empty() || file->tier.title.empty() ? "" : " + ") + file->tier.title;
  }
}

// What a document says of the settings that tiers may make, by their keys.
std::map<std::string, const Member*> settings_of_tiers(const Node& document) {
  std::map<std::string, const Member*> said;
  if (const Member* shape = document.find("shape"))
    for (const Member& member : shape->value.members) said["shape." + member.key] = &member;
  if (const Member* steps = document.find(kStepsAVisit.name)) said[steps->key] = steps;
  return said;
}

// One run has one shape and one way to time, so tiers that want different ones cannot run together unless a layer above decides.
void check_agreement(const std::vector<const TierFile*>& tiers, const Layers& layers, Faults& faults) {
  const auto decided_above = [&](const std::string& key) {
    return std::any_of(layers.documents().begin(), layers.documents().end(),
                       [&](const Node& document) { return settings_of_tiers(document).contains(key); });
  };
  std::map<std::string, const Node*> first;
  for (const TierFile* file : tiers) {
    for (const auto& [key, member] : settings_of_tiers(file->document)) {
      const auto [earlier, added] = first.emplace(key, &member->value);
      const Node& other = *earlier->second;
      if (added || describe_value(other) == describe_value(member->value) || decided_above(key)) continue;
      faults.add(member->place, fmt::format("'{0}' is {1} here and {2} in {3}: run these tiers one by one, or decide with --set {0}=...",
                                            key, describe_value(member->value), describe_value(other), other.place.source));
    }
  }
}

// Second pass, now in order: built-in, tiers, layers. All faults are known by now.
void apply_layers(const std::vector<const TierFile*>& tiers, const Layers& layers, Settings& settings) {
  Settings layered;
  Faults known_by_now;
  const auto apply = [&](const Node& document) {
    TableReader reader(document, known_by_now);
    reader(Field{.name = "shape"}, layered.shape);
    reader(kStepsAVisit, layered.steps_a_visit);
  };
  for (const TierFile* file : tiers) apply(file->document);
  for (const Node& document : layers.documents()) apply(document);
  settings.shape = layered.shape;
  settings.steps_a_visit = layered.steps_a_visit;
}

// What the config file says of all configurations yields to what it says of one that it defines itself.
bool applies(const Node& document, const Layers& layers, const std::vector<DraftConfiguration>& own, const std::string& id) {
  if (&document != &layers.config_file()) return true;
  return std::none_of(own.begin(), own.end(), [&](const DraftConfiguration& draft) { return draft.value.id == id; });
}

void link_selected(const Selection& selection, const Layers& layers, const std::vector<DraftConfiguration>& own, ConfigurationPool& pool,
                   RunConfig& config) {
  Faults known_by_now;
  for (const std::string& id : selection.ids()) {
    auto configuration = pool.linked(id, layers.place_of("configs", kCommandLine));
    if (!configuration) continue;
    for (const Node& document : layers.documents()) {
      if (!applies(document, layers, own, id)) continue;
      TableReader reader(document, known_by_now);
      read_judgement(reader, *configuration);
    }
    config.selected.push_back(std::move(*configuration));
  }
}

void link_baselines(ConfigurationPool& pool, RunConfig& config) {
  const auto there = [&](const std::vector<Configuration>& list, const std::string& id) {
    return std::any_of(list.begin(), list.end(), [&](const Configuration& other) { return other.id == id; });
  };
  for (const Configuration& configuration : config.selected)
    for (const std::string& id : needed_baselines(configuration))
      if (pool.contains(id) && !there(config.selected, id) && !there(config.baselines, id))
        if (auto baseline = pool.linked(id, {.source = kCommandLine})) config.baselines.push_back(std::move(*baseline));
}

void load_suite_and_seeds(const SuitesFolder& folder, const Layers& layers, const Known& known, RunConfig& config, Faults& faults) {
  const auto path = folder.find("suite", config.settings.suite, layers.place_of("suite", kCommandLine), faults);
  if (path.empty()) return;
  config.suite = read_suite_file(path, known, faults);
  const SeedChoice& choice = config.settings.seeds;
  config.seeds = choice.all ? config.suite.seeds : choice.seeds;
  if (config.seeds.empty() && !config.suite.seeds.empty()) config.seeds = {config.suite.seeds.front()};
}

void check_filter(const Layers& layers, const Settings& settings, Faults& faults) {
  try {
    Filter filter(settings.filter);
  } catch (const UsageError& error) {
    faults.add(layers.place_of("filter", kCommandLine), error.what());
  }
}

}  // namespace

RunConfig load_run_config(const RunInputs& inputs, const Known& known) {
  Faults faults;
  RunConfig config;
  const SuitesFolder folder(inputs.suites_dir);
  const Layers layers(inputs, faults);
  const auto own = read_settings(layers, known, config.settings, faults);
  Selection selection(folder, known, faults);
  select(layers, own, selection, config, faults);
  check_agreement(selection.tiers(), layers, faults);
  apply_layers(selection.tiers(), layers, config.settings);
  load_suite_and_seeds(folder, layers, known, config, faults);
  check_filter(layers, config.settings, faults);
  link_selected(selection, layers, own, selection.pool(), config);
  link_baselines(selection.pool(), config);
  faults.throw_if_any();
  return config;
}

}  // namespace wan::plan
