#include "harness/plan/fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "engine/base/error.h"
#include "engine/base/parameter.h"

namespace wan::plan {
namespace {

std::string line_of(const Fault& fault) {
  const Place& at = fault.place;
  return at.line > 0 ? fmt::format("{}:{}:{}: {}", at.source, at.line, at.column, fault.message)
                     : fmt::format("{}: {}", at.source, fault.message);
}

}  // namespace

void Faults::add(const Place& place, std::string message) {
  Fault fault{place, std::move(message)};
  if (std::find(faults_.begin(), faults_.end(), fault) == faults_.end()) faults_.push_back(std::move(fault));
}

void Faults::add(const Faults& others) {
  for (const Fault& fault : others.faults_) add(fault.place, fault.message);
}

std::vector<std::string> Faults::lines() const {
  std::vector<std::string> sources;
  for (const Fault& fault : faults_)
    if (std::find(sources.begin(), sources.end(), fault.place.source) == sources.end()) sources.push_back(fault.place.source);
  const auto rank = [&](const Fault& fault) {
    const auto source = std::find(sources.begin(), sources.end(), fault.place.source) - sources.begin();
    return std::tuple(source, fault.place.line, fault.place.column);
  };
  std::vector<Fault> sorted = faults_;
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Fault& a, const Fault& b) { return rank(a) < rank(b); });
  std::vector<std::string> lines;
  for (const Fault& fault : sorted) lines.push_back(line_of(fault));
  return lines;
}

void Faults::throw_if_any() const {
  if (!empty()) throw UsageError(fmt::format("{}", fmt::join(lines(), "\n")));
}

std::string unknown_word(std::string_view what, std::string_view word, std::span<const std::string> candidates) {
  const std::string near = nearest_word(word, candidates);
  if (!near.empty()) return fmt::format("unknown {} '{}'; did you mean '{}'?", what, word, near);
  if (candidates.empty()) return fmt::format("unknown {} '{}'; there is none", what, word);
  return fmt::format("unknown {} '{}'; there is {}", what, word, fmt::join(candidates, ", "));
}

}  // namespace wan::plan
