#include "harness/plan/layers.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/error.h"

namespace wan::plan {

Assignment parse_assignment(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw UsageError(fmt::format("--set: '{}' should be key=value, for example shape.steps=10", text));
  return {.key = text.substr(0, equals), .value = text.substr(equals + 1)};
}

Layers::Layers(const RunInputs& inputs, Faults& faults) {
  documents_.push_back(inputs.config_file ? read_document(*inputs.config_file, faults) : Node{});
  for (const Assignment& assignment : inputs.assignments)
    documents_.push_back(assignment_document(assignment.key, assignment.value, assignment.origin));
}

const Member* Layers::strongest(std::string_view key) const {
  for (auto document = documents_.rbegin(); document != documents_.rend(); ++document)
    if (const Member* member = document->find(key)) return member;
  return nullptr;
}

Place Layers::place_of(std::string_view key, const std::string& otherwise) const {
  const Member* member = strongest(key);
  return member ? member->value.place : Place{.source = otherwise};
}

std::filesystem::path SuitesFolder::path(const std::string& what, const std::string& id) const {
  return root_ / (what == "tier" ? "tiers" : "prompts") / (id + ".toml");
}

std::vector<std::string> SuitesFolder::ids(const std::string& what) const {
  std::vector<std::string> ids;
  std::error_code status;
  for (const auto& entry : std::filesystem::directory_iterator(path(what, "any").parent_path(), status))
    if (entry.path().extension() == ".toml") ids.push_back(entry.path().stem().string());
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::filesystem::path SuitesFolder::find(const std::string& what, const std::string& name, const Place& at, Faults& faults) const {
  if (std::filesystem::path(name).extension() == ".toml") return name;
  const std::vector<std::string> there = ids(what);
  std::string id = name;  // nightly-a14b is nightly_a14b, as with flags
  std::replace(id.begin(), id.end(), '-', '_');
  if (std::find(there.begin(), there.end(), id) != there.end()) return path(what, id);
  faults.add(at, unknown_word(what, name, there));
  return {};
}

}  // namespace wan::plan
