// Values as JSON and back by the lists of their fields, straight from and to text: every file and message of ours is read and written by
// this one codec, so that all of them are equally strict and say the same of a fault: file, path inside it, what was expected.
//
// A format derives from JsonFormat and says how its values list their fields:
//   void visit(auto& value, auto&& field) const  calls field(key, member) for each, in the order of the text; serves reading and writing
//   void read(JsonReader&, T&) const, void write(std::string&, const T&) const  of a value T that has a codec of its own
// Besides those a value is a bool, a number, a text, an enum with Words, Parameters, or an optional or a vector of such. JSON has no
// infinity: a double that is none is "inf", "-inf" or "nan".
#pragma once

#include <charconv>
#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/parameter.h"
#include "engine/io/json_reader.h"
#include "engine/io/json_writer.h"

namespace wan::io {

// Specialised for every enum that stands in a text: `kAll`, an array of its values, whose words are those of to_string.
template <typename Enum>
struct Words;

struct JsonFormat {
  static constexpr bool kFiniteOnly = false;  // a number that is none is a fault, in reading as in writing
  // Objects and lists of this type take a line a member; all others stand on one line.
  template <typename T>
  static constexpr bool kSpread = false;
  static bool ignores(const auto&, std::string_view) { return false; }  // an unknown key that is left aside
};

double read_number(JsonReader& in);  // or one of the words for what is none
void read_parameters(JsonReader& in, Parameters& parameters);

template <typename Format>
class JsonDecoder {
 public:
  JsonDecoder(JsonReader& in, const Format& format) : in_(in), format_(format) {}

  template <typename T>
  void read(T& value) {
    if constexpr (requires { format_.read(in_, value); }) {
      format_.read(in_, value);
    } else if constexpr (std::same_as<T, bool>) {
      value = in_.read_bool();
    } else if constexpr (std::integral<T>) {
      read_whole(value);
    } else if constexpr (std::same_as<T, double>) {
      value = Format::kFiniteOnly ? in_.read_double() : read_number(in_);
    } else if constexpr (std::same_as<T, std::string>) {
      value = in_.read_string();
    } else if constexpr (std::is_enum_v<T>) {
      read_word(value);
    } else if constexpr (std::same_as<T, Parameters>) {
      read_parameters(in_, value);
    } else {
      read_parts(value);
    }
  }

 private:
  template <std::integral T>
  void read_whole(T& value) {
    std::conditional_t<std::is_unsigned_v<T>, std::uint64_t, std::int64_t> found = 0;
    if constexpr (std::is_unsigned_v<T>) {
      found = in_.read_unsigned();
    } else {
      found = in_.read_int();
    }
    if (!std::in_range<T>(found)) in_.refuse(fmt::format("{} is out of range", found));
    value = static_cast<T>(found);
  }
  template <typename T>
  void read_word(T& value) {
    const std::string word = in_.read_string();
    std::string accepted;
    for (const T candidate : Words<T>::kAll) {
      if (word == to_string(candidate)) {
        value = candidate;
        return;
      }
      accepted += (accepted.empty() ? "" : ", ") + std::string(to_string(candidate));
    }
    in_.refuse(fmt::format("\"{}\" is none of {}", word, accepted));
  }
  template <typename T>
  void read_parts(std::optional<T>& value) {
    if (in_.peek() == JsonReader::Kind::null) return in_.read_null();
    read(value.emplace());
  }
  template <typename T>
  void read_parts(std::vector<T>& values) {
    in_.begin_array();
    while (in_.next_element()) read(values.emplace_back());
    values.shrink_to_fit();  // a store holds many thousands of these
  }
  // Every field once, in any order.
  template <typename T>
  void read_parts(T& value) {
    std::uint64_t seen = 0;
    std::string_view key;
    in_.begin_object();
    while (in_.next_key(key)) {
      std::uint64_t bit = 1, found = 0;
      format_.visit(value, [&](const char* name, auto& field) {
        if (!found && key == name) {
          found = bit;
          if (seen & found) refuse_repeated_key(in_, name);
          read(field);
        }
        bit <<= 1;
      });
      if (!found && !format_.ignores(value, key)) refuse_unknown_key(in_, key, keys_of(value));
      if (!found) in_.skip();
      seen |= found;
    }
    std::uint64_t bit = 1;
    format_.visit(value, [&](const char* name, auto&) {
      WAN_CHECK(bit != 0, "more than 64 fields");
      if (!(seen & bit)) refuse_missing_key(in_, name);
      bit <<= 1;
    });
  }
  template <typename T>
  std::vector<std::string> keys_of(T& value) {
    std::vector<std::string> keys;
    format_.visit(value, [&](const char* name, auto&) { keys.emplace_back(name); });
    return keys;
  }

  JsonReader& in_;
  const Format& format_;
};

// The whole text as one value. `name` stands for the file in messages, and `remedy`, if there is one, ends them: what to do.
template <typename T, typename Format>
T decode_json(std::string_view text, const std::string& name, const Format& format, const char* remedy = "") {
  try {
    JsonReader in(text, name);
    T value;
    JsonDecoder(in, format).read(value);
    in.finish();
    return value;
  } catch (const UsageError& fault) {
    if (!*remedy) throw;
    throw UsageError(fmt::format("{}; {}", fault.what(), remedy));
  }
}

template <typename Format>
class JsonEncoder {
 public:
  explicit JsonEncoder(const Format& format) : format_(format) {}

  template <typename T>
  void write(const T& value) {
    if constexpr (requires { format_.write(text_, value); }) {
      format_.write(text_, value);
    } else if constexpr (std::same_as<T, bool>) {
      text_ += value ? "true" : "false";
    } else if constexpr (std::integral<T>) {
      char digits[24];
      text_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    } else if constexpr (std::same_as<T, double>) {
      WAN_CHECK(!Format::kFiniteOnly || value - value == 0, "only finite numbers are kept here, got {}", value);
      append_json(text_, value);
    } else if constexpr (std::same_as<T, std::string>) {
      append_json(text_, std::string_view(value));
    } else if constexpr (std::is_enum_v<T>) {
      append_json(text_, std::string_view(to_string(value)));
    } else {
      write_parts(value);
    }
  }
  void reserve(std::size_t bytes) { text_.reserve(bytes); }
  std::string take() { return std::move(text_); }

 private:
  void write_parts(const Parameters& parameters) {
    char separator = '{';
    for (const auto& [name, value] : parameters) {
      text_ += std::exchange(separator, ',');
      write(name);
      text_ += ':';
      std::visit([&](const auto& one) { write(one); }, value);
    }
    text_ += parameters.empty() ? "{}" : "}";
  }
  template <typename T>
  void write_parts(const std::optional<T>& value) {
    value ? write(*value) : void(text_ += "null");
  }
  template <typename T>
  void write_parts(const std::vector<T>& values) {
    constexpr bool kSpread = Format::template kSpread<std::vector<T>>;
    char separator = '[';
    ++depth_;
    for (const auto& value : values) {
      text_ += std::exchange(separator, ',');
      if (kSpread) new_line();
      write(value);
    }
    --depth_;
    if (kSpread && !values.empty()) new_line();
    text_ += values.empty() ? "[]" : "]";
  }
  template <typename T>
  void write_parts(const T& value) {
    constexpr bool kSpread = Format::template kSpread<T>;
    char separator = '{';
    ++depth_;
    format_.visit(value, [&](const char* key, const auto& field) {
      text_ += std::exchange(separator, ',');
      if (kSpread) new_line();
      text_ += '"';
      text_ += key;
      text_ += kSpread ? "\": " : "\":";
      write(field);
    });
    --depth_;
    if (kSpread) new_line();
    text_ += separator == '{' ? "{}" : "}";
  }
  void new_line() {
    text_ += '\n';
    text_.append(depth_, ' ');
  }

  const Format& format_;
  std::string text_;
  std::size_t depth_ = 0;
};

template <typename T, typename Format>
std::string encode_json(const T& value, const Format& format) {
  JsonEncoder encoder(format);
  encoder.write(value);
  return encoder.take();
}

struct JsonSchema {
  std::int64_t number;
  const char* what;                      // of which it is the schema: a baseline
  const char* instead_of_an_older = "";  // what to do with one, besides using the program that wrote it
};

// UsageError if the text's member `schema` is another number or absent. To be asked first: of another schema not even the keys are known.
void check_schema(std::string_view text, const std::string& name, const JsonSchema& schema);

}  // namespace wan::io
