// Named parameters of optimisations and metrics: a table of {name, help, default, range} from which parsing, help and validation come.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wan {

using ParameterValue = std::variant<bool, std::int64_t, double, std::string>;
using Parameters = std::map<std::string, ParameterValue>;

struct ParameterInfo {
  std::string name;
  std::string help;
  ParameterValue default_value;        // its alternative is the parameter's type
  std::optional<double> minimum = {};  // numbers only, inclusive
  std::optional<double> maximum = {};
  std::vector<std::string> choices = {};  // text only; empty: any text
};

// The value as a person writes it in a config: true, 3, 0.5, per_tensor.
std::string to_string(const ParameterValue& value);

// Every fault of `given` against `table`, one sentence each; empty if all is well. An integer is accepted where a number is wanted.
std::vector<std::string> check_parameters(std::span<const ParameterInfo> table, const Parameters& given);

// `given` with the table's defaults filled in. Throws UsageError naming `owner` and every fault.
Parameters resolve_parameters(std::span<const ParameterInfo> table, const Parameters& given, std::string_view owner);

// Typed access to a resolved parameter; CheckError if it is absent or of another type.
bool get_bool(const Parameters& parameters, std::string_view name);
std::int64_t get_int(const Parameters& parameters, std::string_view name);
double get_number(const Parameters& parameters, std::string_view name);
const std::string& get_text(const Parameters& parameters, std::string_view name);

// The candidate nearest to `word` by edit distance, if it is near enough to be meant (at most a third of the letters differ); else "".
std::string nearest_word(std::string_view word, std::span<const std::string> candidates);

}  // namespace wan
