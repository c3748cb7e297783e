#include "harness/cli/rollout_text.h"

#include <fmt/format.h>

#include <set>

#include "harness/cli/json_object.h"
#include "harness/cli/text_table.h"
#include "harness/cli/verdict_json.h"
#include "harness/gate/criterion.h"
#include "harness/rollout/event_log.h"

namespace wan::cli {
namespace {

using rollout::Phase;
using rollout::Rollout;

std::string phase_text(const Rollout& one) {
  return one.rolled_back ? fmt::format("rolled back in {}", to_string(one.phase)) : to_string(one.phase);
}

bool is_enabled(const RolloutView& view, const Rollout& one) {
  const auto* flag = view.flags.find(one.subject.configuration.id);
  return flag && flag->enabled;
}

// "served" is what wan-generate applies; another flag may be on behind it.
std::string flag_text(const RolloutView& view, const Rollout& one) {
  if (!view.flags_fault.empty()) return "unreadable";
  if (!is_enabled(view, one)) return "off";
  return view.flags.served()->configuration == one.subject.configuration.id ? "on, served" : "on";
}

std::string evidence_text(const Rollout& one) {
  if (one.evidence.empty()) return "–";
  const auto& last = one.evidence.back();
  return fmt::format("{} of 3: {} ({} x {})", one.evidence.size(), last.run_id, last.prompts, last.seeds);
}

std::string plural(std::size_t count, const char* what) { return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s"); }

std::string wanted_text(Phase phase) {
  const auto wanted = rollout::requirement(phase);
  return fmt::format("{} x {}{}", plural(wanted.prompts, "prompt"), plural(wanted.seeds, "seed"),
                     wanted.diverse ? ", all six categories" : "");
}

// Clips of two binaries are two programs' clips; it is no reason to refuse, and one to know.
std::string builds_note(const Rollout& one) {
  std::set<std::string> builds;
  for (const auto& evidence : one.evidence) builds.insert(evidence.build_id);
  return builds.size() < 2 ? "" : fmt::format("note: its evidence comes from {} builds\n", builds.size());
}

std::string evidence_json(const rollout::Evidence& evidence) {
  JsonObject json;
  json.text("run_id", evidence.run_id).text("seal", evidence.seal).text("build_id", evidence.build_id).text("outcome", evidence.outcome);
  return json.count("prompts", static_cast<std::size_t>(evidence.prompts)).count("seeds", static_cast<std::size_t>(evidence.seeds)).str();
}

std::string rollout_json(const RolloutView& view, const Rollout& one) {
  JsonObject json;
  json.text("configuration", one.subject.configuration.id).text("phase", to_string(one.phase)).flag("rolled_back", one.rolled_back);
  json.text("started_at", one.started_at).text("since", one.since).flag("enabled", is_enabled(view, one));
  json.text("reason", one.reason).text("model", one.subject.model).text("weights_hash", one.subject.weights_hash);
  json.text("machine_class", one.subject.machine_class).text("shape", one.subject.shape);
  json.raw("evidence", json_list_of(one.evidence, evidence_json));
  if (one.last_watch) json.raw("last_watch", JsonObject().text("at", one.last_watch->at).text("reason", one.last_watch->reason).str());
  return json.text("next", next_step(view, one)).str();
}

std::vector<const Rollout*> chosen(const RolloutView& view, const std::string& only) {
  std::vector<const Rollout*> all;
  for (const auto& one : view.state.rollouts)
    if (only.empty() || one.subject.configuration.id == only) all.push_back(&one);
  return all;
}

}  // namespace

const char* to_string(rollout::Says says) {
  switch (says) {
    case rollout::Says::nothing:
      return "something else";
    case rollout::Says::too_little:
      return "no evidence";
    case rollout::Says::held:
      return "held";
    case rollout::Says::rejected:
      return "rejected";
  }
  return "?";
}

std::string evidence_command(const Rollout& one, const std::filesystem::path& root) {
  if (one.phase == Phase::production) return {};
  const auto wanted = rollout::requirement(one.phase);
  const char* how = one.phase == Phase::single_prompt ? "-k cat_on_chair --blocks 6"
                    : one.phase == Phase::batch       ? "--seeds 42,123,456"
                                                      : "--seeds all";
  return fmt::format("wan-eval --config {} --model {} --suite {} {} --out {}", one.subject.configuration.id, one.subject.model,
                     wanted.suite, how, root.string());
}

std::string next_step(const RolloutView& view, const Rollout& one) {
  const std::string& id = one.subject.configuration.id;
  if (one.rolled_back) return fmt::format("{}; `wan-eval rollout start --config {}` begins anew", one.reason, id);
  if (one.phase != Phase::production)
    return fmt::format("a run with held gates over {}, for example\n  {}\nthen `wan-eval rollout advance --config {}`",
                       wanted_text(one.phase), evidence_command(one, view.root), id);
  if (!is_enabled(view, one)) return fmt::format("its flag is off; `wan-eval rollout advance --config {}` switches it on", id);
  return fmt::format("`wan-eval rollout watch --config {} SAMPLES --on-alert CMD` compares what it makes{}", id,
                     one.last_watch ? fmt::format("; the last time, {}: {}", one.last_watch->at, one.last_watch->reason) : "");
}

std::string status_text(const RolloutView& view, const std::string& only) {
  const auto all = chosen(view, only);
  if (all.empty()) return fmt::format("no rollout in {} yet\n", (view.root / rollout::kStateFile).string());
  TextTable table{.columns = {{"configuration"}, {"phase"}, {"since"}, {"flag"}, {"evidence"}}};
  for (const Rollout* one : all)
    table.rows.push_back({one->subject.configuration.id, phase_text(*one), one->since, flag_text(view, *one), evidence_text(*one)});
  const auto* served = view.flags.served();
  std::string text = render(table) + fmt::format("flags: {}; {}\n", flags_path(view.root, view.state).string(),
                                                 !view.flags_fault.empty() ? view.flags_fault
                                                 : served                  ? served->configuration + " is served"
                                                                           : "none is on, the reference path is served");
  for (const Rollout* one : all)
    text += fmt::format("\n{}: {}\n{}", one->subject.configuration.id, next_step(view, *one), builds_note(*one));
  return text;
}

std::string advance_text(const rollout::Advance& step) {
  TextTable table{.columns = {{"run"}, {"says"}, {"because"}}};
  for (const auto& run : step.considered) table.rows.push_back({run.run, to_string(run.finding.says), run.finding.reason});
  std::string text = table.rows.empty() ? "" : render(table) + "\n";
  if (step.switched_on_again) return text + "in production; its flag was off and is on again\n\n";
  if (step.rolled_back) return text + fmt::format("rolled back in {}: {}\n\n", to_string(step.from), step.reason);
  if (step.to) return text + fmt::format("advanced: {} to {}\n\n", to_string(step.from), to_string(*step.to));
  return text + fmt::format("no evidence yet: stays in {}{}\n\n", to_string(step.from),
                            step.considered.empty() ? "; no run of it began after the rollout did" : "");
}

std::string watch_text(const rollout::Watch& watch) {
  TextTable table{.columns = {{"criterion"}, {"outcome"}, {"because"}}};
  for (const auto& criterion : watch.comparison.gate.criteria)
    table.rows.push_back({criterion.name, to_string(criterion.outcome), gate::describe(criterion)});
  return render(table) + fmt::format("\n{} of {}: {}\n{}", plural(watch.comparison.clips, "clip"),
                                     plural(watch.comparison.prompts, "prompt"), watch.reason, watch.rolled_back ? "rolled back\n" : "");
}

std::string status_json(const RolloutView& view, const std::string& only) {
  JsonObject json;
  json.text("store", view.root.string());
  if (!view.state.flags_file.empty()) json.text("flags_file", flags_path(view.root, view.state).string());
  const auto* served = view.flags.served();
  served ? json.text("served", served->configuration) : json.raw("served", "null");
  if (!view.flags_fault.empty()) json.text("flags_fault", view.flags_fault);
  return json.raw("rollouts", json_list_of(chosen(view, only), [&](const Rollout* one) { return rollout_json(view, *one); })).str();
}

std::string advance_json(const rollout::Advance& step) {
  JsonObject json;
  json.text("result", step.switched_on_again ? "switched_on" : step.rolled_back ? "rolled_back" : step.to ? "advanced" : "no_evidence");
  json.text("from", to_string(step.from));
  if (step.to) json.text("to", to_string(*step.to));
  if (step.rolled_back) json.text("reason", step.reason);
  return json
      .raw(
          "considered",
          json_list_of(
              step.considered,
              [](const rollout::Considered& run) {
                return JsonObject().text("run", run.run).text("says", to_string(run.finding.says)).text("reason", run.finding.reason).str();
              }))
      .str();
}

std::string watch_json(const rollout::Watch& watch) {
  JsonObject json;
  json.text("result", watch.rolled_back ? "rolled_back" : "watched").text("reason", watch.reason);
  json.count("clips", watch.comparison.clips).count("prompts", watch.comparison.prompts);
  return json.raw("comparison", to_json(watch.comparison.gate)).str();
}

}  // namespace wan::cli
