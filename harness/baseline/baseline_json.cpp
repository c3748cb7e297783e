#include "harness/baseline/baseline_json.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/base/error.h"
#include "engine/io/json.h"
#include "harness/baseline/baseline_fields.h"
#include "harness/store/record_fields.h"

namespace wan::baseline {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void refuse(const std::string& path, const std::string& why) { throw UsageError(fmt::format("{}: {}", path, why)); }

template <typename T>
concept Fields = requires(T& value) {
  visit_fields(value, [](const char*, auto&) {});
};

Json encode(const std::string& value) { return value; }
Json encode(int value) { return value; }
Json encode(double value) {
  WAN_CHECK(std::isfinite(value), "a baseline holds finite numbers, got {}", value);
  return value;
}
template <Fields T>
Json encode(const T& value);
template <typename T>
Json encode(const std::vector<T>& values) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(encode(value));
  return list;
}
template <Fields T>
Json encode(const T& value) {
  Json object = Json::object();
  visit_fields(value, [&](const char* key, const auto& field) { object[key] = encode(field); });
  return object;
}

void decode(const Json& json, const std::string& path, std::string& value) {
  if (!json.is_string()) refuse(path, "expected text");
  value = json.get<std::string>();
}
void decode(const Json& json, const std::string& path, int& value) {
  if (!json.is_number_integer()) refuse(path, "expected an integer");
  value = json.get<int>();
}
void decode(const Json& json, const std::string& path, double& value) {
  if (!json.is_number()) refuse(path, "expected a number");
  value = json.get<double>();
}
template <Fields T>
void decode(const Json& json, const std::string& path, T& value);
template <typename T>
void decode(const Json& json, const std::string& path, std::vector<T>& values) {
  if (!json.is_array()) refuse(path, "expected a list");
  values.clear();
  for (std::size_t i = 0; i < json.size(); ++i) decode(json[i], fmt::format("{}[{}]", path, i), values.emplace_back());
}
template <Fields T>
void decode(const Json& json, const std::string& path, T& value) {
  if (!json.is_object()) refuse(path, "expected an object");
  std::set<std::string> known;
  visit_fields(value, [&](const char* key, auto& field) {
    known.insert(key);
    if (!json.contains(key)) refuse(path, fmt::format("'{}' is missing", key));
    decode(json[key], fmt::format("{}.{}", path, key), field);
  });
  for (const auto& [key, ignored] : json.items())
    if (!known.contains(key)) refuse(path, fmt::format("unknown key '{}'", key));
}

}  // namespace

std::string to_json(const Baseline& baseline) { return encode(baseline).dump(1) + "\n"; }

Baseline baseline_from_json(std::string_view text, const std::string& name) {
  io::check_json_depth(text, name);
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::exception& error) {
    refuse(name, fmt::format("not readable as JSON: {}", error.what()));
  }
  const bool has_schema = json.is_object() && json.contains("schema") && json["schema"].is_number_integer();
  if (!has_schema) refuse(name, "no baseline: it has no \"schema\"");
  if (json["schema"].get<std::int64_t>() != kSchema) refuse(name, fmt::format("written with another schema than {}", kSchema));
  Baseline baseline;
  decode(json, name, baseline);
  return baseline;
}

}  // namespace wan::baseline
