#include "engine/base/parameter.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/base/error.h"

namespace wan {
namespace {

constexpr const char* kTypeNames[] = {"true or false", "an integer", "a number", "text"};

// Insertions, deletions, substitutions and swaps of neighbours: the slips of typing fingers.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, previous(b.size() + 1), row(b.size() + 1);
  std::iota(previous.begin(), previous.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({previous[j - 1] + (a[i - 1] != b[j - 1]), previous[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::exchange(previous, row);
  }
  return previous.back();
}

const ParameterInfo* find(std::span<const ParameterInfo> table, const std::string& name) {
  const auto at = std::find_if(table.begin(), table.end(), [&](const ParameterInfo& p) { return p.name == name; });
  return at == table.end() ? nullptr : &*at;
}

// The value in the table's type, or nothing if it has another one.
std::optional<ParameterValue> coerce(const ParameterInfo& info, const ParameterValue& value) {
  if (value.index() == info.default_value.index()) return value;
  if (std::holds_alternative<double>(info.default_value))
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  return std::nullopt;
}

std::string fault(const ParameterInfo& info, const ParameterValue& value) {
  const auto typed = coerce(info, value);
  if (!typed) return fmt::format("'{}' wants {}, got {}", info.name, kTypeNames[info.default_value.index()], to_string(value));
  std::optional<double> number;
  if (const auto* integer = std::get_if<std::int64_t>(&*typed)) number = static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&*typed)) number = *real;
  if (number && ((info.minimum && !(*number >= *info.minimum)) || (info.maximum && !(*number <= *info.maximum))))
    return fmt::format("'{}' must lie in [{}, {}], got {}", info.name, info.minimum ? fmt::format("{}", *info.minimum) : "-inf",
                       info.maximum ? fmt::format("{}", *info.maximum) : "inf", to_string(value));
  if (const auto* text = std::get_if<std::string>(&*typed); text && !info.choices.empty())
    if (std::find(info.choices.begin(), info.choices.end(), *text) == info.choices.end())
      return fmt::format("'{}' must be one of {}, got '{}'", info.name, fmt::join(info.choices, ", "), *text);
  return {};
}

template <typename T>
const T& get(const Parameters& parameters, std::string_view name) {
  const auto at = parameters.find(std::string(name));
  WAN_CHECK(at != parameters.end(), "parameter '{}' is not set", name);
  const T* value = std::get_if<T>(&at->second);
  WAN_CHECK(value != nullptr, "parameter '{}' has another type", name);
  return *value;
}

}  // namespace

std::string to_string(const ParameterValue& value) {
  return std::visit([](const auto& v) { return fmt::format("{}", v); }, value);
}

std::vector<std::string> check_parameters(std::span<const ParameterInfo> table, const Parameters& given) {
  std::vector<std::string> faults;
  for (const auto& [name, value] : given) {
    const ParameterInfo* info = find(table, name);
    if (!info) {
      std::vector<std::string> names;
      for (const ParameterInfo& p : table) names.push_back(p.name);
      const std::string near = nearest_word(name, names);
      faults.push_back(fmt::format("unknown parameter '{}'{}", name,
                                   !near.empty()   ? fmt::format("; did you mean '{}'?", near)
                                   : names.empty() ? std::string("; it takes none")
                                                   : fmt::format("; it takes {}", fmt::join(names, ", "))));
    } else if (std::string text = fault(*info, value); !text.empty()) {
      faults.push_back(std::move(text));
    }
  }
  return faults;
}

Parameters resolve_parameters(std::span<const ParameterInfo> table, const Parameters& given, std::string_view owner) {
  const auto faults = check_parameters(table, given);
  if (!faults.empty()) throw UsageError(fmt::format("{}: {}", owner, fmt::join(faults, "; ")));
  Parameters resolved;
  for (const ParameterInfo& info : table) {
    const auto at = given.find(info.name);
    resolved[info.name] = at == given.end() ? info.default_value : *coerce(info, at->second);
  }
  return resolved;
}

bool get_bool(const Parameters& parameters, std::string_view name) { return get<bool>(parameters, name); }
std::int64_t get_int(const Parameters& parameters, std::string_view name) { return get<std::int64_t>(parameters, name); }
double get_number(const Parameters& parameters, std::string_view name) { return get<double>(parameters, name); }
const std::string& get_text(const Parameters& parameters, std::string_view name) { return get<std::string>(parameters, name); }

std::string nearest_word(std::string_view word, std::span<const std::string> candidates) {
  const std::string* best = nullptr;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates)
    if (const auto distance = edit_distance(word, candidate); distance < best_distance) best = &candidate, best_distance = distance;
  return best ? *best : std::string();
}

}  // namespace wan
