#include "engine/io/json.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/io/mapped_file.h"

namespace wan::io {

using nlohmann::json;

struct JsonValue::Document {
  json root;
  std::string name;
};

namespace {

const json& node(const void* p) { return *static_cast<const json*>(p); }

constexpr int kMaxDepth = 200;

}  // namespace

void check_json_depth(std::string_view text, const std::string& name) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxDepth) throw UsageError(fmt::format("{}: JSON nested deeper than {} levels", name, kMaxDepth));
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
}

JsonValue::JsonValue(std::shared_ptr<const Document> document, const void* node, std::string path)
    : document_(std::move(document)), node_(node), path_(std::move(path)) {}

JsonValue JsonValue::read(const std::filesystem::path& path) {
  const MappedFile file = map_file(path);
  return parse({reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size()}, path.string());
}

JsonValue JsonValue::parse(std::string_view text, const std::string& name) {
  check_json_depth(text, name);
  auto document = std::make_shared<Document>();
  document->name = name;
  try {
    document->root = json::parse(text.begin(), text.end());
  } catch (const json::exception& e) {
    throw UsageError(fmt::format("{}: not valid JSON: {}", name, e.what()));
  }
  const void* root = &document->root;
  return JsonValue(std::move(document), root, "");
}

std::string JsonValue::where() const { return path_.empty() ? document_->name : fmt::format("{}: {}", document_->name, path_); }

bool JsonValue::is_null() const { return node(node_).is_null(); }
bool JsonValue::is_object() const { return node(node_).is_object(); }
bool JsonValue::is_array() const { return node(node_).is_array(); }
bool JsonValue::is_string() const { return node(node_).is_string(); }
bool JsonValue::is_number() const { return node(node_).is_number(); }

bool JsonValue::has(const std::string& key) const {
  const json& n = node(node_);
  return n.is_object() && n.contains(key) && !n[key].is_null();
}

JsonValue JsonValue::at(const std::string& key) const {
  const json& n = node(node_);
  if (!n.is_object() || !n.contains(key)) throw UsageError(fmt::format("{}: '{}' is missing", where(), key));
  return JsonValue(document_, &n[key], path_.empty() ? key : path_ + "." + key);
}

JsonValue JsonValue::at(std::size_t index) const {
  const json& n = node(node_);
  if (!n.is_array() || index >= n.size()) throw UsageError(fmt::format("{}: entry {} is missing", where(), index));
  return JsonValue(document_, &n[index], fmt::format("{}[{}]", path_, index));
}

std::size_t JsonValue::size() const { return node(node_).size(); }

std::vector<std::string> JsonValue::keys() const {
  std::vector<std::string> names;
  if (is_object())
    for (const auto& [key, value] : node(node_).items()) names.push_back(key);
  return names;
}

std::int64_t JsonValue::as_int() const {
  const json& n = node(node_);
  // An unsigned value beyond 63 bits would come out negative.
  if (!n.is_number_integer() || (n.is_number_unsigned() && n.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()))
    throw UsageError(fmt::format("{}: expected an integer of 64 bits", where()));
  return n.get<std::int64_t>();
}

double JsonValue::as_double() const {
  if (!node(node_).is_number()) throw UsageError(fmt::format("{}: expected a number", where()));
  return node(node_).get<double>();
}

bool JsonValue::as_bool() const {
  if (!node(node_).is_boolean()) throw UsageError(fmt::format("{}: expected true or false", where()));
  return node(node_).get<bool>();
}

const std::string& JsonValue::as_string() const {
  if (!is_string()) throw UsageError(fmt::format("{}: expected text", where()));
  return node(node_).get_ref<const std::string&>();
}

std::vector<std::int64_t> JsonValue::as_ints() const {
  if (!is_array()) throw UsageError(fmt::format("{}: expected a list of integers", where()));
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < size(); ++i) values.push_back(at(i).as_int());
  return values;
}

std::vector<double> JsonValue::as_doubles() const {
  if (!is_array()) throw UsageError(fmt::format("{}: expected a list of numbers", where()));
  std::vector<double> values;
  for (std::size_t i = 0; i < size(); ++i) values.push_back(at(i).as_double());
  return values;
}

std::int64_t JsonValue::get(const std::string& key, std::int64_t otherwise) const { return has(key) ? at(key).as_int() : otherwise; }
double JsonValue::get(const std::string& key, double otherwise) const { return has(key) ? at(key).as_double() : otherwise; }
bool JsonValue::get(const std::string& key, bool otherwise) const { return has(key) ? at(key).as_bool() : otherwise; }
std::string JsonValue::get(const std::string& key, const char* otherwise) const { return has(key) ? at(key).as_string() : otherwise; }

std::string quote_json(std::string_view text) { return json(text).dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace wan::io
