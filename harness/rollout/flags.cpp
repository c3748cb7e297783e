#include "harness/rollout/flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "engine/base/error.h"
#include "engine/io/json_writer.h"
#include "harness/plan/document.h"
#include "harness/plan/optimization_list.h"
#include "harness/plan/reader.h"
#include "harness/plan/tier_file.h"

namespace wan::rollout {
namespace {

constexpr const char* kRolledBack = "rolled_back";
constexpr const char* kPhaseWords = "single_prompt, batch, stress, production or rolled_back";

constexpr const char* kHeader =
    "# Which configuration `wan-generate --flags` applies: the last one that is enabled; none: the reference path. It is read at every\n"
    "# request and replaced as a whole by `wan-eval rollout`. Whoever sets `enabled = false` here switches it off at once; only\n"
    "# `wan-eval rollout advance` switches it on again.\n"
    "schema = 1\n";

bool is_phase_word(std::string_view text) {
  for (const Phase phase : {Phase::single_prompt, Phase::batch, Phase::stress, Phase::production})
    if (text == to_string(phase)) return true;
  return text == kRolledBack;
}

// A JSON string is a TOML string but for one letter.
std::string quoted(const std::string& text) {
  std::string json, toml;
  io::append_json(json, std::string_view(text));
  for (const char letter : json) letter == '\x7f' ? void(toml += "\\u007F") : toml.push_back(letter);
  return toml;
}

std::string number(double value) {
  std::string text = fmt::format("{}", value);
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

std::string value_text(const ParameterValue& value) {
  struct Write {
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t integer) const { return std::to_string(integer); }
    std::string operator()(double real) const { return number(real); }
    std::string operator()(const std::string& text) const { return quoted(text); }
  };
  return std::visit(Write{}, value);
}

std::string choice_text(const OptimizationChoice& choice) {
  std::string text = fmt::format("{{ id = {}", quoted(choice.id));
  for (const auto& [name, value] : choice.parameters) text += fmt::format(", {} = {}", name, value_text(value));
  return text + " }";
}

std::string flag_text(const Flag& flag) {
  std::string text = "\n[[flag]]\n";
  text += fmt::format("configuration = {}\nenabled = {}\nphase = {}\nsince = {}\n", quoted(flag.configuration), flag.enabled,
                      quoted(flag.phase), quoted(flag.since));
  if (!flag.reason.empty()) text += fmt::format("reason = {}\n", quoted(flag.reason));
  if (flag.guidance) text += fmt::format("guidance = {}\n", number(*flag.guidance));
  text += "optimizations = [";
  for (const auto& choice : flag.optimizations) text += fmt::format("\n  {},", choice_text(choice));
  return text + (flag.optimizations.empty() ? "]\n" : "\n]\n");
}

Flag read_flag(const plan::Node& table, const plan::Known& known, plan::Faults& faults) {
  Flag flag;
  plan::TableReader reader(table, faults, "flag.");
  for (const char* key : {"configuration", "enabled", "phase", "since"}) reader.require(key);
  using plan::Field;
  reader(Field{.name = "configuration", .text_rule = plan::is_not_blank, .wanted = "a configuration"}, flag.configuration);
  reader(Field{.name = "enabled"}, flag.enabled);
  reader(Field{.name = "phase", .text_rule = is_phase_word, .wanted = kPhaseWords}, flag.phase);
  reader(Field{.name = "since"}, flag.since);
  reader(Field{.name = "reason"}, flag.reason);
  reader(Field{.name = "guidance", .minimum = 0, .maximum = 100}, flag.guidance);
  if (const plan::Member* list = reader.require("optimizations")) flag.optimizations = plan::read_optimizations(*list, known, faults);
  reader.finish();
  return flag;
}

FeatureFlags read_tables(const plan::Node& document, const plan::Known& known, plan::Faults& faults) {
  faults.throw_if_any();  // of a text that is no TOML nothing else is worth saying
  FeatureFlags flags;
  plan::TableReader reader(document, faults);
  plan::check_schema(reader, faults);
  for (const plan::Node* table : reader.take_tables("flag")) {
    Flag flag = read_flag(*table, known, faults);
    if (!flag.configuration.empty() && flags.find(flag.configuration))
      faults.add(table->find("configuration")->value.place, fmt::format("flag '{}' stands twice", flag.configuration));
    flags.flags.push_back(std::move(flag));
  }
  reader.finish();
  faults.throw_if_any();
  return flags;
}

Flag flag_of(const Rollout& rollout) {
  const plan::Configuration& configuration = rollout.subject.configuration;
  return {.configuration = configuration.id,
          .phase = rollout.rolled_back ? kRolledBack : to_string(rollout.phase),
          .since = rollout.since,
          .reason = rollout.reason,
          .guidance = configuration.guidance,
          .optimizations = configuration.optimizations};
}

}  // namespace

const Flag* FeatureFlags::find(const std::string& configuration) const {
  const auto found = std::find_if(flags.begin(), flags.end(), [&](const Flag& flag) { return flag.configuration == configuration; });
  return found == flags.end() ? nullptr : &*found;
}

const Flag* FeatureFlags::served() const {
  const auto found = std::find_if(flags.rbegin(), flags.rend(), [](const Flag& flag) { return flag.enabled; });
  return found == flags.rend() ? nullptr : &*found;
}

std::string to_toml(const FeatureFlags& flags) {
  std::string text = kHeader;
  for (const Flag& flag : flags.flags) text += flag_text(flag);
  return text;
}

FeatureFlags parse_flags(std::string_view text, const std::string& source, const plan::Known& known) {
  plan::Faults faults;
  const plan::Node document = plan::parse_document(text, source, faults);
  return read_tables(document, known, faults);
}

FeatureFlags read_flags(const std::filesystem::path& path, const plan::Known& known) {
  plan::Faults faults;
  const plan::Node document = plan::read_document(path, faults);
  return read_tables(document, known, faults);
}

FeatureFlags flags_of(const State& state, const FeatureFlags& before, const std::string& turned_on) {
  FeatureFlags flags;
  for (const Rollout& rollout : state.rollouts)
    if (!rollout.is_on()) flags.flags.push_back(flag_of(rollout));
  for (const std::string& configuration : state.served) {
    Flag flag = flag_of(*state.find(configuration));
    const Flag* earlier = before.find(configuration);
    flag.enabled = configuration == turned_on || (earlier && earlier->enabled);
    flags.flags.push_back(std::move(flag));
  }
  return flags;
}

std::filesystem::path flags_path(const std::filesystem::path& root, const State& state) {
  WAN_CHECK(!state.flags_file.empty(), "{}: no rollout was started here, so it has no flags", root.string());
  return root / state.flags_file;
}

std::string flags_place(const std::filesystem::path& root, const std::filesystem::path& path) {
  const auto whole = std::filesystem::absolute(path).lexically_normal();
  const auto inside = whole.lexically_relative(std::filesystem::absolute(root).lexically_normal());
  return inside.empty() || *inside.begin() == ".." ? whole.string() : inside.string();
}

}  // namespace wan::rollout
