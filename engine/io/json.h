// Reading JSON files of checkpoints: typed access whose errors name the file and the path inside it. nlohmann-json stays behind this door.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wan::io {

// Throws UsageError if brackets nest deeper than any honest file does: what walks or prints JSON recursively must not run out of stack.
void check_json_depth(std::string_view text, const std::string& name);

class JsonValue {
 public:
  // Throws UsageError: unreadable file, or no JSON, with line and column.
  static JsonValue read(const std::filesystem::path& path);
  static JsonValue parse(std::string_view text, const std::string& name);

  bool is_null() const;
  bool is_object() const;
  bool is_array() const;
  bool is_string() const;
  bool is_number() const;
  bool has(const std::string& key) const;      // false for null members too
  JsonValue at(const std::string& key) const;  // UsageError if absent
  JsonValue at(std::size_t index) const;
  std::size_t size() const;
  std::vector<std::string> keys() const;

  // UsageError if the value has another type.
  std::int64_t as_int() const;
  double as_double() const;
  bool as_bool() const;
  const std::string& as_string() const;
  std::vector<std::int64_t> as_ints() const;
  std::vector<double> as_doubles() const;

  // The member, or the default if it is absent or null.
  std::int64_t get(const std::string& key, std::int64_t otherwise) const;
  double get(const std::string& key, double otherwise) const;
  bool get(const std::string& key, bool otherwise) const;
  std::string get(const std::string& key, const char* otherwise) const;

  std::string where() const;  // file: path.inside.it

 private:
  struct Document;
  JsonValue(std::shared_ptr<const Document> document, const void* node, std::string path);
  std::shared_ptr<const Document> document_;
  const void* node_;
  std::string path_;
};

// `text` as a JSON string, quotes included; bytes that are no UTF-8 become U+FFFD, so the result can always be read back.
std::string quote_json(std::string_view text);

}  // namespace wan::io
