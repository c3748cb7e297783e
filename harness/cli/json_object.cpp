#include "harness/cli/json_object.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/io/json.h"

namespace wan::cli {

JsonObject& JsonObject::raw(std::string_view key, const std::string& json) {
  members_ += fmt::format("{}{}:{}", members_.empty() ? "" : ",", io::quote_json(key), json);
  return *this;
}

JsonObject& JsonObject::text(std::string_view key, std::string_view value) { return raw(key, io::quote_json(value)); }

JsonObject& JsonObject::number(std::string_view key, double value) {
  if (std::isfinite(value)) return raw(key, fmt::format("{:.17g}", value));
  return raw(key, std::isnan(value) ? R"("nan")" : value > 0 ? R"("inf")" : R"("-inf")");
}

JsonObject& JsonObject::number(std::string_view key, const std::optional<double>& value) { return value ? number(key, *value) : *this; }
JsonObject& JsonObject::count(std::string_view key, std::size_t value) { return raw(key, fmt::format("{}", value)); }
JsonObject& JsonObject::flag(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }

JsonObject& JsonObject::texts(std::string_view key, std::span<const std::string> values) {
  return raw(key, json_list_of(values, [](const std::string& value) { return io::quote_json(value); }));
}

std::string json_list(const std::vector<std::string>& items) { return fmt::format("[{}]", fmt::join(items, ",")); }

}  // namespace wan::cli
