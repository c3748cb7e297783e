// Writes JSON objects by hand, member by member, in the order of the calls. A number that JSON lacks is "inf", "-inf" or "nan".
#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wan::cli {

class JsonObject {
 public:
  JsonObject& text(std::string_view key, std::string_view value);
  JsonObject& number(std::string_view key, double value);
  JsonObject& number(std::string_view key, const std::optional<double>& value);  // absent: no member
  JsonObject& count(std::string_view key, std::size_t value);
  JsonObject& flag(std::string_view key, bool value);
  JsonObject& raw(std::string_view key, const std::string& json);
  JsonObject& texts(std::string_view key, std::span<const std::string> values);
  std::string str() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

std::string json_list(const std::vector<std::string>& items);

// [write(item), ...]
std::string json_list_of(const auto& items, auto write) {
  std::vector<std::string> texts;
  for (const auto& item : items) texts.push_back(write(item));
  return json_list(texts);
}

}  // namespace wan::cli
