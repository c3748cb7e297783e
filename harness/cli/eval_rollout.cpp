// `rollout`: from one prompt to production, phase by phase, and back.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/generator.h"
#include "harness/baseline/baseline_json.h"
#include "harness/cli/alert_command.h"
#include "harness/cli/eval_options.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/json_object.h"
#include "harness/cli/production_samples.h"
#include "harness/cli/promoted_path.h"
#include "harness/cli/resources.h"
#include "harness/cli/rollout_text.h"
#include "harness/cli/stored_run.h"
#include "harness/gate/criterion.h"
#include "harness/rollout/event_log.h"
#include "harness/store/cell_log.h"
#include "metrics/scorer.h"

namespace wan::cli {
namespace {

namespace fs = std::filesystem;
using gate::Outcome;

constexpr const char* kRuns = "runs";

plan::Known known() { return {.optimizations = list_optimizations(), .metrics = metrics::list_metrics()}; }

rollout::Store store_at(const fs::path& root) {
  return {.root = root,
          .known = known(),
          .read_run = [](const fs::path& path) { return read_stored_run(path).record; },
          .now_s = [] { return static_cast<std::int64_t>(std::time(nullptr)); }};
}

RolloutView view_of(const rollout::Store& store) {
  RolloutView view{.root = store.root, .state = rollout::read_state(store.root)};
  if (view.state.flags_file.empty()) return view;
  try {
    view.flags = rollout::read_flags(flags_path(view.root, view.state), store.known);
  } catch (const UsageError& error) {
    view.flags_fault = error.what();
  }
  return view;
}

// The one that was named, or the only one under way; of a single one that is over the state machine says more than we could.
std::string chosen(const rollout::State& state, const RolloutOptions& options, const fs::path& root) {
  if (!options.configuration.empty()) return options.configuration;
  std::vector<std::string> under_way;
  for (const auto& one : state.rollouts)
    if (!one.rolled_back) under_way.push_back(one.subject.configuration.id);
  if (under_way.size() == 1) return under_way.front();
  if (state.rollouts.size() == 1) return state.rollouts.front().subject.configuration.id;
  if (under_way.empty())
    throw UsageError(fmt::format("no rollout is under way in {}; `wan-eval rollout start --config ID` begins one, --out names the store",
                                 (root / rollout::kStateFile).string()));
  throw UsageError(fmt::format("say which with --config: {} are under way", fmt::join(under_way, ", ")));
}

// What was done, and how things stand then: text for people, or JSON with the text on stderr.
void show(const RolloutOptions& options, const rollout::Store& store, const std::string& text, JsonObject json) {
  const RolloutView view = view_of(store);
  json.raw("status", status_json(view, options.configuration));
  if (!options.json.empty() && options.json != "-") store::replace_file(fs::absolute(options.json), json.str() + "\n");
  if (options.json == "-") fmt::print("{}\n", json.str());
  fmt::print(options.json == "-" ? stderr : stdout, "{}{}", text, status_text(view, options.configuration));
}

JsonObject answer(const RolloutOptions& options) {
  JsonObject json;
  json.count("schema", 1).text("action", options.action);
  return json;
}

int start(RolloutOptions options) {
  plan::RunInputs inputs{.suites_dir = suites_dir(), .config_file = options.config_file};
  const auto assign = [&](const char* key, const std::string& value, const char* origin) {
    if (!value.empty()) inputs.assignments.push_back({.key = key, .value = value, .origin = origin});
  };
  assign("configs", options.configuration, "--config");
  assign("model", options.model, "--model");
  assign("out", options.out, "--out");
  const plan::RunConfig config = plan::load_run_config(inputs, known());
  if (config.selected.size() != 1)
    throw UsageError(fmt::format("--config {}: a rollout is of one configuration; a+b stacks them", options.configuration));
  const plan::Configuration& configuration = config.selected.front();
  if (const std::string fault = check_configuration(configuration.optimizations); !fault.empty())
    throw UsageError(fmt::format("--config {}: {}", configuration.id, fault));
  model_dir(config.settings.model);  // UsageError if there is none
  const rollout::Store store = store_at(config.settings.out);
  rollout::start(store, {.configuration = configuration, .model = config.settings.model}, options.flags);
  options.configuration = configuration.id;
  show(options, store, fmt::format("started: {}\n\n", configuration.id), answer(options).text("result", "started"));
  return static_cast<int>(ExitStatus::held);
}

int advance(RolloutOptions options, const rollout::Store& store) {
  options.configuration = chosen(rollout::read_state(store.root), options, store.root);
  const rollout::Advance step = rollout::advance(store, options.configuration, options.run);
  show(options, store, advance_text(step), answer(options).raw("advance", advance_json(step)));
  if (step.rolled_back) return static_cast<int>(ExitStatus::failed);
  if (step.to || step.switched_on_again) return static_cast<int>(ExitStatus::held);
  const bool any = std::any_of(step.considered.begin(), step.considered.end(),
                               [](const auto& run) { return run.finding.says == rollout::Says::too_little; });
  return static_cast<int>(any ? ExitStatus::inconclusive : ExitStatus::nothing);
}

// An empty baseline where none is promoted, which the comparison then says.
baseline::Baseline promoted_for(const rollout::Subject& subject, const std::string& dir) {
  const fs::path path = promoted_path(baselines_dir(dir), baseline::file_stem(subject.machine_class));
  if (fs::exists(path)) return baseline::baseline_from_json(store::read_text(path), path.string());
  fmt::print(stderr, "{}: nothing is promoted for this machine class; `wan-eval help rollout` tells how\n", path.string());
  return {};
}

EnvironmentVariables facts(const rollout::Watch& watch, const rollout::Subject& subject, const RolloutView& view) {
  const auto& gate = watch.comparison.gate;
  EnvironmentVariables all{{"WAN_ROLLOUT_CONFIGURATION", subject.configuration.id},
                           {"WAN_ROLLOUT_OUTCOME", to_string(gate.outcome)},
                           {"WAN_ROLLOUT_REASON", watch.reason},
                           {"WAN_ROLLOUT_CLIPS", std::to_string(watch.comparison.clips)},
                           {"WAN_ROLLOUT_PROMPTS", std::to_string(watch.comparison.prompts)},
                           {"WAN_ROLLOUT_STORE", fs::absolute(view.root).string()},
                           {"WAN_ROLLOUT_FLAGS", fs::absolute(flags_path(view.root, view.state)).string()},
                           {"WAN_ROLLOUT_SERVED", view.flags.served() ? view.flags.served()->configuration : ""}};
  const auto deciding =
      std::find_if(gate.criteria.begin(), gate.criteria.end(), [&](const auto& one) { return one.outcome == gate.outcome; });
  if (deciding == gate.criteria.end()) return all;
  all.emplace_back("WAN_ROLLOUT_CRITERION", deciding->name);
  if (deciding->value) all.emplace_back("WAN_ROLLOUT_VALUE", fmt::format("{}", *deciding->value));
  if (deciding->bound) all.emplace_back("WAN_ROLLOUT_BOUND", fmt::format("{}", *deciding->bound));
  return all;
}

ExitStatus status_of(const rollout::Watch& watch) {
  switch (watch.comparison.gate.outcome) {
    case Outcome::held:
      return ExitStatus::held;
    case Outcome::failed:
    case Outcome::rejected:
      return ExitStatus::failed;
    case Outcome::invalid:
      return gate::reason_code(watch.comparison.gate.reason) == "no_baseline" ? ExitStatus::nothing : ExitStatus::invalid;
    default:
      return ExitStatus::inconclusive;
  }
}

int watch(RolloutOptions options, const rollout::Store& store) {
  const rollout::State state = rollout::read_state(store.root);
  options.configuration = chosen(state, options, store.root);
  const rollout::Rollout* found = state.find(options.configuration);
  // What cannot be watched is refused by the state machine; samples are read against what is known of it.
  const rollout::Subject subject = found ? found->subject : rollout::Subject{.configuration = {.id = options.configuration}, .model = {}};
  std::vector<fs::path> paths(options.samples.begin(), options.samples.end());
  if (!options.sample_list.empty())
    for (auto& path : read_sample_list(options.sample_list)) paths.push_back(std::move(path));
  rollout::Samples samples;
  baseline::Baseline promoted;
  if (found && found->is_on()) {
    samples = read_samples(paths, subject);
    promoted = promoted_for(subject, options.baselines);
  }
  const rollout::Watch result = rollout::watch(store, options.configuration, samples, promoted);
  JsonObject json = answer(options).raw("watch", watch_json(result));
  if (result.rolled_back && !options.on_alert.empty()) {  // after the lock is given back: the command may ask for the status
    const std::string fault = run_alert_command(options.on_alert, facts(result, subject, view_of(store)));
    if (!fault.empty()) log::warn("--on-alert '{}': {}", options.on_alert, fault);
    json.text("on_alert", fault.empty() ? "done" : fault);
  }
  show(options, store, watch_text(result) + "\n", std::move(json));
  return static_cast<int>(status_of(result));
}

int roll_back(RolloutOptions options, const rollout::Store& store) {
  options.configuration = chosen(rollout::read_state(store.root), options, store.root);
  rollout::roll_back(store, options.configuration, options.reason);
  show(options, store, fmt::format("rolled back: {}\n\n", options.configuration), answer(options).text("result", "rolled_back"));
  return static_cast<int>(ExitStatus::held);
}

}  // namespace

int roll_out(const RolloutOptions& options) {
  if (options.action == "start") return start(options);
  const rollout::Store store = store_at(options.out.empty() ? kRuns : options.out);
  if (options.action == "advance") return advance(options, store);
  if (options.action == "watch") return watch(options, store);
  if (options.action == "rollback") return roll_back(options, store);
  show(options, store, "", answer(options));
  return static_cast<int>(ExitStatus::held);
}

}  // namespace wan::cli
