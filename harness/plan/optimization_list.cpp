#include "harness/plan/optimization_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "harness/plan/reader.h"

namespace wan::plan {
namespace {

const OptimizationInfo* find(const Known& known, const std::string& id) {
  const auto at = std::find_if(known.optimizations.begin(), known.optimizations.end(), [&](const auto& info) { return info.id == id; });
  return at == known.optimizations.end() ? nullptr : &*at;
}

// What a typing slip meant, and in any case what this build has: an id may be right and the optimisation not built yet.
std::string unknown_optimization(const Known& known, const std::string& id) {
  std::vector<std::string> ids;
  for (const OptimizationInfo& info : known.optimizations) ids.push_back(info.id);
  const std::string near = nearest_word(id, ids);
  return fmt::format("unknown optimisation '{}'; {}this build has {}", id, near.empty() ? "" : fmt::format("did you mean '{}'? ", near),
                     ids.empty() ? "none" : fmt::format("{}", fmt::join(ids, ", ")));
}

std::optional<ParameterValue> to_parameter(const Node& node) {
  switch (node.kind) {
    case Node::Kind::boolean:
      return node.boolean;
    case Node::Kind::integer:
      return node.integer;
    case Node::Kind::number:
      return node.number;
    case Node::Kind::text:
      return node.text;
    default:
      return std::nullopt;
  }
}

Parameters read_parameters(const Node& table, const OptimizationInfo& info, Faults& faults) {
  Parameters given;
  for (const Member& member : table.members) {
    if (member.key == "id") continue;
    const auto value = to_parameter(member.value);
    if (!value) {
      faults.add(member.value.place, fmt::format("parameter '{}' of '{}' wants a number, text, true or false, got {}", member.key, info.id,
                                                 describe_value(member.value)));
      continue;
    }
    const auto wrong = check_parameters(info.parameters, {{member.key, *value}});
    for (const std::string& fault : wrong) faults.add(member.place, fmt::format("{}: {}", info.id, fault));
    if (wrong.empty()) given[member.key] = *value;
  }
  return resolve_parameters(info.parameters, given, info.id);
}

std::optional<OptimizationChoice> read_choice(const Node& node, const Known& known, Faults& faults) {
  static const Node kNoParameters{};
  const Node* id = &node;
  if (node.kind == Node::Kind::table) {
    const Member* member = node.find("id");
    if (member == nullptr) {
      faults.add(node.place, "an optimisation needs an 'id'");
      return std::nullopt;
    }
    id = &member->value;
  }
  if (id->kind != Node::Kind::text) {
    faults.add(id->place, fmt::format("an optimisation is an id or {{ id = \"...\", parameter = value }}, got {}", describe_value(*id)));
    return std::nullopt;
  }
  const OptimizationInfo* info = find(known, id->text);
  if (info == nullptr) {
    faults.add(id->place, unknown_optimization(known, id->text));
    return std::nullopt;
  }
  return OptimizationChoice{info->id, read_parameters(id == &node ? kNoParameters : node, *info, faults)};
}

}  // namespace

std::vector<OptimizationChoice> read_optimizations(const Member& list, const Known& known, Faults& faults) {
  std::vector<OptimizationChoice> choices;
  if (list.value.kind != Node::Kind::list) {
    faults.add(list.value.place, fmt::format("'{}' wants a list, got {}", list.key, describe_value(list.value)));
    return choices;
  }
  for (const Node& item : list.value.items) {
    auto choice = read_choice(item, known, faults);
    if (!choice) continue;
    const bool twice = std::any_of(choices.begin(), choices.end(), [&](const auto& other) { return other.id == choice->id; });
    if (twice)
      faults.add(item.place, fmt::format("optimisation '{}' stands twice", choice->id));
    else
      choices.push_back(std::move(*choice));
  }
  return choices;
}

void append_optimizations(std::vector<OptimizationChoice>& list, const std::vector<OptimizationChoice>& more, const Place& at,
                          Faults& faults) {
  for (const OptimizationChoice& choice : more) {
    const auto same = std::find_if(list.begin(), list.end(), [&](const auto& other) { return other.id == choice.id; });
    if (same == list.end())
      list.push_back(choice);
    else if (!(*same == choice))
      faults.add(at, fmt::format("'{}' is asked for twice with different parameters: {} and {}", choice.id, describe_choice(*same),
                                 describe_choice(choice)));
  }
}

void check_seams(const std::vector<OptimizationChoice>& list, const Known& known, const Place& at, Faults& faults) {
  std::map<std::string, std::string> filler;
  for (const OptimizationChoice& choice : list) {
    const OptimizationInfo* info = find(known, choice.id);
    if (info == nullptr) continue;
    for (const std::string& seam : info->seams) {
      const auto [earlier, first] = filler.emplace(seam, choice.id);
      if (!first && !info->wraps)
        faults.add(at, fmt::format("'{}' would replace what '{}' puts into the seam '{}': they do not stack in this order", choice.id,
                                   earlier->second, seam));
      earlier->second = choice.id;
    }
  }
}

std::string describe_choice(const OptimizationChoice& choice) {
  std::vector<std::string> parameters;
  for (const auto& [name, value] : choice.parameters) parameters.push_back(fmt::format("{}={}", name, wan::to_string(value)));
  return parameters.empty() ? choice.id : fmt::format("{}({})", choice.id, fmt::join(parameters, ", "));
}

}  // namespace wan::plan
