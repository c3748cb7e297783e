#include "harness/rollout/rollouts.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/log.h"
#include "harness/gate/suite_scores.h"
#include "harness/rollout/event_log.h"
#include "harness/rollout/flags.h"
#include "harness/store/cell_log.h"
#include "harness/store/result_store.h"

namespace wan::rollout {
namespace {

namespace fs = std::filesystem;

// What cannot be read counts as off: nothing is switched on by a guess.
FeatureFlags flags_before(const Store& store, const State& state) {
  const fs::path path = flags_path(store.root, state);
  if (!fs::exists(path)) return {};
  try {
    return read_flags(path, store.known);
  } catch (const UsageError& error) {
    log::warn("{}; it is written anew, and flags that were on are off until `wan-eval rollout advance`", error.what());
    return {};
  }
}

void write_flags(const Store& store, const State& state, const FeatureFlags& before, const std::string& turned_on = {}) {
  const fs::path path = fs::absolute(flags_path(store.root, state));
  const std::string text = to_toml(flags_of(state, before, turned_on));
  if (fs::exists(path) && store::read_text(path) == text) return;
  store::replace_file(path, text);
}

void write_flags(const Store& store, const State& state) { write_flags(store, state, flags_before(store, state)); }

const Rollout& rollout_of(const State& state, const std::string& configuration, const fs::path& root) {
  const Rollout* rollout = state.find(configuration);
  if (!rollout)
    throw UsageError(fmt::format("{}: no rollout of it in {}; `wan-eval rollout start --config {}` begins one", configuration,
                                 (root / kStateFile).string(), configuration));
  return *rollout;
}

Event event_of(const Store& store, EventKind kind, const Rollout& rollout) {
  return {.at = store::utc_iso8601(store.now_s()), .kind = kind, .configuration = rollout.subject.configuration.id, .phase = rollout.phase};
}

// Without an event, as a person does it by hand.
void switch_off(const Store& store, const State& state, const std::string& configuration) {
  FeatureFlags before = flags_before(store, state);
  for (Flag& flag : before.flags)
    if (flag.configuration == configuration) flag.enabled = false;
  write_flags(store, state, before);
}

void append_rollback(const Store& store, EventLog& log, const Rollout& rollout, Evidence evidence, const std::string& reason) {
  Event event = event_of(store, EventKind::rolled_back, rollout);
  event.reason = reason;
  if (!evidence.run_id.empty()) event.evidence = std::move(evidence);
  try {
    log.append(std::move(event));
  } catch (const store::StorageError&) {
    switch_off(store, log.state(), rollout.subject.configuration.id);  // a full log must not keep what is bad in production
    throw;
  }
  write_flags(store, log.state());
}

// Whether the run, by its header alone, may be about this rollout. A header that is not what was written is nobody's evidence.
bool may_concern(const fs::path& folder, const Rollout& rollout) {
  try {
    const auto header = store::read_run_header(folder);
    return header.environment.started_at >= rollout.started_at && gate::find_configuration(header, rollout.subject.configuration.id);
  } catch (const UsageError& error) {
    log::debug("{}", error.what());  // another version's run
  } catch (const store::TamperError& error) {
    log::warn("{}; it is left aside", error.what());
  }
  return false;
}

bool is_same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error);
}

std::vector<Considered> consider(const Store& store, const Rollout& rollout, const fs::path& named,
                                 std::vector<store::RunRecord>& records) {
  std::vector<fs::path> paths;
  if (!named.empty()) paths.push_back(named);
  for (const auto& folder : store::list_run_folders(store.root))
    if (may_concern(folder, rollout) && (named.empty() || !is_same_file(folder, named))) paths.push_back(folder);
  std::vector<Considered> considered;
  for (const auto& path : paths) {
    store::RunRecord run = store.read_run(path);
    Finding finding = examine(run, rollout.subject, rollout.phase);
    if (finding.says == Says::nothing && path == named)
      throw UsageError(fmt::format("{}: no evidence for this rollout: {}", path.string(), finding.reason));
    considered.push_back({.run = path.string(), .finding = std::move(finding)});
    records.push_back(std::move(run));
  }
  return considered;
}

std::size_t find(const std::vector<Considered>& considered, Says says) {
  return static_cast<std::size_t>(
      std::find_if(considered.begin(), considered.end(), [&](const Considered& one) { return one.finding.says == says; }) -
      considered.begin());
}

// In production nothing is left but to finish what a kill cut short, or to take back what a person switched off.
bool switch_on_again(const Store& store, const State& state, const std::string& configuration) {
  const FeatureFlags before = flags_before(store, state);
  if (const Flag* flag = before.find(configuration); flag && flag->enabled) return false;
  write_flags(store, state, before, configuration);
  return true;
}

}  // namespace

void start(const Store& store, const Subject& subject, const fs::path& flags) {
  const plan::Configuration& configuration = subject.configuration;
  for (const std::string& role : {configuration.quality_baseline, configuration.noise_floor})
    if (role == configuration.id)
      throw UsageError(fmt::format("{}: others are compared with it, so no gate can hold it; roll out a configuration that is judged",
                                   configuration.id));
  EventLog log(store.root, EventLog::Missing::made);
  std::string place = flags_place(store.root, flags.empty() ? store.root / kFlagsFile : flags);
  if (flags.empty() && !log.state().flags_file.empty()) place = log.state().flags_file;
  log.append({.at = store::utc_iso8601(store.now_s()),
              .kind = EventKind::started,
              .configuration = configuration.id,
              .flags_file = place,
              .subject = subject});
  write_flags(store, log.state());
}

Advance advance(const Store& store, const std::string& configuration, const fs::path& named) {
  EventLog log(store.root, EventLog::Missing::refused);
  const Rollout rollout = rollout_of(log.state(), configuration, store.root);
  Advance result{.from = rollout.phase};
  if (rollout.is_on() && switch_on_again(store, log.state(), configuration)) {
    result.switched_on_again = true;
    return result;
  }
  Event event = event_of(store, EventKind::advanced, rollout);
  if (rollout.phase != Phase::production) event.phase = next(rollout.phase);
  event.sequence = log.state().sequence + 1;
  event.subject = rollout.subject;
  event.evidence.emplace();
  if (const std::string fault = refusal(log.state(), event); !fault.empty()) throw UsageError(fault);  // before hours of runs are read
  std::vector<store::RunRecord> records;
  result.considered = consider(store, rollout, named, records);
  if (const auto rejected = find(result.considered, Says::rejected); rejected < records.size()) {
    const Considered& run = result.considered[rejected];
    result.rolled_back = true;
    result.reason = fmt::format("{} ({})", run.finding.reason, run.finding.evidence.run_id);
    append_rollback(store, log, rollout, run.finding.evidence, result.reason);
    return result;
  }
  const auto held = find(result.considered, Says::held);
  if (held < records.size() && (named.empty() || held == 0)) {
    event.evidence = result.considered[held].finding.evidence;
    event.subject = fixed_by(rollout.subject, records[held]);
    result.to = event.phase;
    log.append(std::move(event));
  }
  write_flags(store, log.state(), flags_before(store, log.state()), result.to == Phase::production ? configuration : "");
  return result;
}

Watch watch(const Store& store, const std::string& configuration, const Samples& samples, const baseline::Baseline& promoted) {
  EventLog log(store.root, EventLog::Missing::refused);
  const Rollout rollout = rollout_of(log.state(), configuration, store.root);
  Event event = event_of(store, EventKind::watched, rollout);
  event.sequence = log.state().sequence + 1;
  if (const std::string fault = refusal(log.state(), event); !fault.empty()) throw UsageError(fault);
  Watch result{.comparison = compare_with_promoted(rollout.subject, samples, promoted)};
  const gate::Outcome outcome = result.comparison.gate.outcome;
  result.rolled_back = outcome == gate::Outcome::failed || outcome == gate::Outcome::rejected;
  result.reason = fmt::format("production_{}: {}", to_string(outcome), result.comparison.gate.reason);
  if (result.rolled_back) {
    append_rollback(store, log, rollout, {}, result.reason);
    return result;
  }
  if (outcome == gate::Outcome::invalid) return result;  // nothing was compared
  event.reason = result.reason;
  log.append(std::move(event));
  write_flags(store, log.state());
  return result;
}

void roll_back(const Store& store, const std::string& configuration, const std::string& reason) {
  EventLog log(store.root, EventLog::Missing::refused);
  const Rollout rollout = rollout_of(log.state(), configuration, store.root);
  append_rollback(store, log, rollout, {}, reason.empty() ? "asked" : "asked: " + reason);
}

}  // namespace wan::rollout
