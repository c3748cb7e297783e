#include "engine/io/json_codec.h"

#include <cstdint>

namespace wan::io {

double read_number(JsonReader& in) {
  if (in.peek() == JsonReader::Kind::number) return in.read_double();
  const std::string word = in.peek() == JsonReader::Kind::string ? in.read_string() : "";
  if (word == "inf") return std::numeric_limits<double>::infinity();
  if (word == "-inf") return -std::numeric_limits<double>::infinity();
  if (word == "nan") return std::numeric_limits<double>::quiet_NaN();
  in.refuse("expected a number, \"inf\", \"-inf\" or \"nan\"");
}

void read_parameters(JsonReader& in, Parameters& parameters) {
  std::string_view key;
  in.begin_object();
  while (in.next_key(key)) {
    const auto [at, is_new] = parameters.try_emplace(std::string(key));
    if (!is_new) refuse_repeated_key(in, key);
    switch (in.peek()) {
      case JsonReader::Kind::boolean:
        at->second = in.read_bool();
        break;
      case JsonReader::Kind::number:
        if (in.at_whole_number()) {
          at->second = in.read_int();
        } else {
          at->second = in.read_double();
        }
        break;
      case JsonReader::Kind::string:
        at->second = in.read_string();
        break;
      default:
        in.refuse("expected true, false, a number or a text");
    }
  }
}

void check_schema(std::string_view text, const std::string& name, const JsonSchema& schema) {
  JsonReader in(text, name);
  std::string_view key;
  const bool is_object = in.peek() == JsonReader::Kind::object;
  if (is_object) in.begin_object();
  while (is_object && in.next_key(key)) {
    if (key != "schema" || !in.at_whole_number()) {
      in.skip();
      continue;
    }
    const std::int64_t found = in.read_int();
    if (found == schema.number) return;
    throw UsageError(fmt::format("{}: written with {} schema {}, this program reads schema {}: {}use the wan-eval that wrote it", name,
                                 schema.what, found, schema.number, found < schema.number ? schema.instead_of_an_older : ""));
  }
  throw UsageError(fmt::format("{}: no {}: it has no \"schema\"", name, schema.what));
}

}  // namespace wan::io
