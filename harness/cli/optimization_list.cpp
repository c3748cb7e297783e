#include "harness/cli/optimization_list.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "engine/base/error.h"
#include "engine/generator.h"

namespace wan::cli {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

template <typename T>
T parse_as(const std::string& text, const std::string& name, const char* expected) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    throw UsageError(fmt::format("--config: '{}' wants {}, got '{}'", name, expected, text));
  return value;
}

ParameterValue parse_value(const std::string& text, const ParameterInfo& info) {
  if (std::holds_alternative<bool>(info.default_value)) {
    if (text != "true" && text != "false") throw UsageError(fmt::format("--config: '{}' wants true or false, got '{}'", info.name, text));
    return text == "true";
  }
  if (std::holds_alternative<std::int64_t>(info.default_value)) return parse_as<std::int64_t>(text, info.name, "an integer");
  if (std::holds_alternative<double>(info.default_value)) return parse_as<double>(text, info.name, "a number");
  return text;
}

}  // namespace

std::vector<OptimizationChoice> parse_optimization_list(const std::string& text) {
  std::vector<OptimizationChoice> choices;
  if (text.empty()) return choices;
  const auto infos = list_optimizations();
  for (const std::string& entry : split(text, '+')) {
    const auto colon = entry.find(':');
    OptimizationChoice choice{.id = entry.substr(0, colon)};
    const auto info = std::find_if(infos.begin(), infos.end(), [&](const OptimizationInfo& i) { return i.id == choice.id; });
    if (info != infos.end() && colon != std::string::npos)
      for (const std::string& assignment : split(std::string_view(entry).substr(colon + 1), ',')) {
        const auto equals = assignment.find('=');
        const std::string name = assignment.substr(0, equals);
        if (equals == std::string::npos) throw UsageError(fmt::format("--config: '{}': expected name=value", assignment));
        const auto parameter =
            std::find_if(info->parameters.begin(), info->parameters.end(), [&](const ParameterInfo& p) { return p.name == name; });
        const std::string value = assignment.substr(equals + 1);
        choice.parameters[name] = parameter == info->parameters.end() ? ParameterValue(value) : parse_value(value, *parameter);
      }
    choices.push_back(std::move(choice));
  }
  if (const std::string fault = check_configuration(choices); !fault.empty()) throw UsageError(fmt::format("--config: {}", fault));
  return choices;
}

}  // namespace wan::cli
