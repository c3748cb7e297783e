#include "harness/plan/link.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/plan/optimization_list.h"
#include "harness/plan/stack.h"

namespace wan::plan {

std::vector<std::string> split_stack(const std::string& id) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= id.size();) {
    const std::size_t end = std::min(id.find('+', begin), id.size());
    parts.push_back(id.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

void ConfigurationPool::add(const std::vector<DraftConfiguration>& drafts) {
  for (const DraftConfiguration& draft : drafts) {
    if (draft.value.id.empty()) continue;
    const auto [there, added] = drafts_.emplace(draft.value.id, draft);
    if (added) continue;
    const Place& first = there->second.at;
    faults_.add(draft.at,
                fmt::format("configuration '{}' is already defined at {}:{}:{}", draft.value.id, first.source, first.line, first.column));
  }
}

std::vector<std::string> ConfigurationPool::ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, draft] : drafts_) ids.push_back(id);
  return ids;
}

std::optional<Configuration> ConfigurationPool::linked(const std::string& id, const Place& at) {
  const std::vector<std::string> names = split_stack(id);
  if (names.size() == 1) return linked_one(id, at);
  std::vector<Configuration> parts;
  for (const std::string& name : names)
    if (auto part = linked_one(name, at)) parts.push_back(std::move(*part));
  if (parts.size() != names.size()) return std::nullopt;
  Configuration stack = stack_configurations(parts, at, faults_);
  check_seams(stack.optimizations, known_, at, faults_);
  return stack;
}

std::optional<Configuration> ConfigurationPool::linked_one(const std::string& id, const Place& at) {
  const auto found = drafts_.find(id);
  if (found == drafts_.end()) {
    faults_.add(at, unknown_word("configuration", id, ids()));
    return std::nullopt;
  }
  const DraftConfiguration& draft = found->second;
  Configuration configuration = draft.value;
  configuration.optimizations = optimizations_of(draft);
  check_seams(configuration.optimizations, known_, draft.list_at, faults_);
  check_references(draft);
  return configuration;
}

std::vector<OptimizationChoice> ConfigurationPool::optimizations_of(const DraftConfiguration& draft) {
  if (draft.base.empty()) return draft.value.optimizations;
  const auto base = drafts_.find(draft.base);
  if (base == drafts_.end()) {
    faults_.add(draft.base_at, unknown_word("configuration", draft.base, ids()));
    return draft.value.optimizations;
  }
  if (!open_.insert(draft.value.id).second) {
    faults_.add(draft.base_at, fmt::format("the bases of '{}' go round in a circle", draft.value.id));
    return {};
  }
  std::vector<OptimizationChoice> list = optimizations_of(base->second);
  open_.erase(draft.value.id);
  append_optimizations(list, draft.value.optimizations, draft.list_at, faults_);
  return list;
}

void ConfigurationPool::check_references(const DraftConfiguration& draft) {
  const Configuration& value = draft.value;
  const auto check = [&](const std::string& id, const Place& at) {
    if (!contains(id)) faults_.add(at, unknown_word("configuration", id, ids()));
  };
  check(value.speed_baseline, draft.speed_baseline_at);
  check(value.noise_floor, draft.noise_floor_at);
  check(value.quality_baseline, draft.quality_baseline_at);
  // Clips made with other guidance differ for that reason alone, so their distance would say nothing of the optimisations.
  for (const auto& [id, at] :
       {std::pair(&value.quality_baseline, &draft.quality_baseline_at), std::pair(&value.noise_floor, &draft.noise_floor_at)})
    if (const auto other = drafts_.find(*id); other != drafts_.end() && other->second.value.guidance != value.guidance)
      faults_.add(*at, fmt::format("'{}' and '{}' are compared clip by clip, so their guidance must be the same", value.id, *id));
}

}  // namespace wan::plan
