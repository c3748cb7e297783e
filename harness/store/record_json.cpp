#include "harness/store/record_json.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/base/error.h"
#include "harness/store/record_fields.h"
#include "metrics/score_json.h"

namespace wan::store {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kIndent = 1;

template <typename T>
concept Fields = requires(T& value) {
  visit_fields(value, [](const char*, auto&) {});
};

template <typename Enum>
struct Words;
template <>
struct Words<CellStatus> {
  static constexpr std::array kAll{CellStatus::done, CellStatus::failed, CellStatus::skipped, CellStatus::interrupted};
};
template <>
struct Words<plan::Benefit> {
  static constexpr std::array kAll{plan::Benefit::none, plan::Benefit::speed, plan::Benefit::memory, plan::Benefit::throughput};
};
template <>
struct Words<plan::GateKind> {
  static constexpr std::array kAll{plan::GateKind::roadmap, plan::GateKind::calibrated};
};
template <>
struct Words<OptimizationClass> {
  static constexpr std::array kAll{OptimizationClass::exact, OptimizationClass::equivalent, OptimizationClass::lossy};
};

// ---- writing

template <typename T>
requires std::same_as<T, bool> || std::integral<T> || std::same_as<T, std::string> Json encode(const T& value) { return value; }

Json encode(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

template <typename T>
requires std::is_enum_v<T> Json encode(const T& value) { return to_string(value); }

Json encode(const Parameters& parameters) {
  Json object = Json::object();
  for (const auto& [name, value] : parameters) object[name] = std::visit([](const auto& one) { return encode(one); }, value);
  return object;
}

// The objects of a scores file: one writer and one reader for both.
Json encode(const metrics::QualityScores& scores) { return Json::parse(metrics::scores_to_json(scores)); }

template <Fields T>
Json encode(const T& value);
template <typename T>
Json encode(const std::vector<T>& values);

template <typename T>
Json encode(const std::optional<T>& value) {
  return value ? encode(*value) : Json(nullptr);
}

template <typename T>
Json encode(const std::vector<T>& values) {
  Json array = Json::array();
  for (const auto& value : values) array.push_back(encode(value));
  return array;
}

template <Fields T>
Json encode(const T& value) {
  Json object = Json::object();
  visit_fields(value, [&](const char* key, const auto& field) { object[key] = encode(field); });
  return object;
}

// Texts come from files and exceptions of all kinds: bytes that are no UTF-8 are replaced, never an error at the end of a run.
std::string dump(const Json& json, int indent) { return json.dump(indent, ' ', false, Json::error_handler_t::replace); }

// ---- reading

[[noreturn]] void refuse(const std::string& where, const std::string& what) { throw UsageError(where + ": " + what); }

template <typename T>
void require(bool holds, const std::string& where, const T& expected, const Json& found) {
  if (!holds) refuse(where, fmt::format("expected {}, found {}", expected, found.type_name()));
}

void decode(const Json& json, const std::string& where, bool& value) {
  require(json.is_boolean(), where, "true or false", json);
  value = json.get<bool>();
}

template <std::integral T>
void decode(const Json& json, const std::string& where, T& value) {
  require(json.is_number_integer(), where, "a whole number", json);
  const bool fits = json.is_number_unsigned() ? std::in_range<T>(json.get<std::uint64_t>()) : std::in_range<T>(json.get<std::int64_t>());
  if (!fits) refuse(where, fmt::format("{} is out of range", json.dump()));
  value = json.get<T>();
}

void decode(const Json& json, const std::string& where, std::string& value) {
  require(json.is_string(), where, "a text", json);
  value = json.get<std::string>();
}

void decode(const Json& json, const std::string& where, double& value) {
  if (json == "inf") {
    value = std::numeric_limits<double>::infinity();
  } else if (json == "-inf") {
    value = -std::numeric_limits<double>::infinity();
  } else if (json == "nan") {
    value = std::numeric_limits<double>::quiet_NaN();
  } else {
    require(json.is_number(), where, "a number, \"inf\", \"-inf\" or \"nan\"", json);
    value = json.get<double>();
  }
}

template <typename T>
requires std::is_enum_v<T>
void decode(const Json& json, const std::string& where, T& value) {
  std::string word, accepted;
  decode(json, where, word);
  for (const T candidate : Words<T>::kAll) {
    if (word == to_string(candidate)) {
      value = candidate;
      return;
    }
    accepted += (accepted.empty() ? "" : ", ") + std::string(to_string(candidate));
  }
  refuse(where, fmt::format("\"{}\" is none of {}", word, accepted));
}

void decode(const Json& json, const std::string& where, Parameters& parameters) {
  require(json.is_object(), where, "an object", json);
  for (const auto& [name, value] : json.items()) {
    if (value.is_boolean()) {
      parameters[name] = value.get<bool>();
    } else if (value.is_number_integer()) {
      parameters[name] = value.get<std::int64_t>();
    } else if (value.is_number_float()) {
      parameters[name] = value.get<double>();
    } else {
      require(value.is_string(), where + "." + name, "true, false, a number or a text", value);
      parameters[name] = value.get<std::string>();
    }
  }
}

void decode(const Json& json, const std::string& where, metrics::QualityScores& scores) {
  scores = metrics::scores_from_json(json.dump(), where);
}

template <Fields T>
void decode(const Json& json, const std::string& where, T& value);

template <typename T>
void decode(const Json& json, const std::string& where, std::optional<T>& value) {
  if (json.is_null()) return;
  decode(json, where, value.emplace());
}

template <typename T>
void decode(const Json& json, const std::string& where, std::vector<T>& values) {
  require(json.is_array(), where, "a list", json);
  values.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) decode(json[i], fmt::format("{}[{}]", where, i), values.emplace_back());
}

template <Fields T>
void decode(const Json& json, const std::string& where, T& value) {
  require(json.is_object(), where, "an object", json);
  std::set<std::string> known;
  visit_fields(value, [&](const char* key, auto& field) {
    const auto member = json.find(key);
    if (member == json.end()) refuse(where, fmt::format("the key \"{}\" is absent", key));
    decode(*member, fmt::format("{}.{}", where, key), field);
    known.insert(key);
  });
  for (const auto& [key, member] : json.items())
    if (!known.contains(key)) refuse(where, fmt::format("unknown key \"{}\"", key));
}

Json parse(std::string_view text, const std::string& name) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& error) {
    refuse(name, fmt::format("not readable as JSON: {}", error.what()));
  }
}

template <typename T>
T from_line(std::string_view line, const std::string& name) {
  T value;
  decode(parse(line, name), name, value);
  return value;
}

}  // namespace

std::string to_json(const RunRecord& record) { return dump(encode(record), kIndent) + "\n"; }

RunRecord record_from_json(std::string_view text, const std::string& name) {
  Json json = parse(text, name);
  const bool has_schema = json.is_object() && json.contains("schema") && json["schema"].is_number_integer();
  if (!has_schema) refuse(name, "no run record: it has no \"schema\"");
  if (const auto schema = json["schema"].get<std::int64_t>(); schema != kSchema)
    refuse(name,
           fmt::format("written with record schema {}, this program reads schema {}; use the wan-eval that wrote it", schema, kSchema));
  for (const char* derived : {"verdicts", "claims", "costs"}) json.erase(derived);
  RunRecord record;
  decode(json, name, record);
  return record;
}

std::string to_json_line(const Cell& cell) { return dump(encode(cell), -1); }
std::string to_json_line(const Visit& visit) { return dump(encode(visit), -1); }

Cell cell_from_json_line(std::string_view line, const std::string& name) { return from_line<Cell>(line, name); }
Visit visit_from_json_line(std::string_view line, const std::string& name) { return from_line<Visit>(line, name); }

std::string to_json_line(const machine::Covariates& covariates) { return dump(encode(covariates), -1); }

machine::Covariates covariates_from_json_line(std::string_view line, const std::string& name) {
  machine::Covariates covariates;
  decode(parse(line, name), name, covariates);
  return covariates;
}

}  // namespace wan::store
