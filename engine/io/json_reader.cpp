#include "engine/io/json_reader.h"

#include <fmt/format.h>

#include <charconv>
#include <system_error>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/parameter.h"

namespace wan::io {
namespace {

constexpr std::size_t kMaxDepth = 200;

const char* word(JsonReader::Kind kind) {
  switch (kind) {
    case JsonReader::Kind::object:
      return "object";
    case JsonReader::Kind::array:
      return "array";
    case JsonReader::Kind::string:
      return "string";
    case JsonReader::Kind::number:
      return "number";
    case JsonReader::Kind::boolean:
      return "boolean";
    case JsonReader::Kind::null:
      return "null";
  }
  return "";
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Length of the well-formed UTF-8 character at the front, 0 if there is none (overlong forms and surrogates are none).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if ((first & 0xF0u) == 0xE0u) {
    if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F)) return 0;
    return follows(1) && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if ((first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F)) return 0;
    return follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// The value of `\u` and four digits at the front; -1 if there is none.
std::int64_t unicode_escape(std::string_view text) {
  std::uint32_t code = 0;
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return -1;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, code, 16);
  return error == std::errc() && end == text.data() + 6 ? static_cast<std::int64_t>(code) : -1;
}

char simple_escape(char letter) {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

}  // namespace

JsonReader::JsonReader(std::string_view text, std::string name) : text_(text), name_(std::move(name)) {}

std::string JsonReader::where() const {
  std::string path = name_;
  for (const auto& frame : frames_) {
    if (frame.array && !frame.first) path += fmt::format("[{}]", frame.index);
    if (!frame.array && !frame.key.empty()) path += fmt::format(".{}", frame.key);
  }
  return path;
}

void JsonReader::refuse(const std::string& what) const { throw UsageError(fmt::format("{}: {}", where(), what)); }

void JsonReader::malformed(const char* what) const {
  throw UsageError(fmt::format("{}: not readable as JSON: {} at byte {}", name_, what, at_ + 1));
}

void JsonReader::skip_space() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) ++at_;
}

JsonReader::Kind JsonReader::peek() {
  skip_space();
  if (at_ >= text_.size()) malformed("the text ends where a value is expected");
  switch (const char c = text_[at_]) {
    case '{':
      return Kind::object;
    case '[':
      return Kind::array;
    case '"':
      return Kind::string;
    case 't':
    case 'f':
      return Kind::boolean;
    case 'n':
      return Kind::null;
    default:
      if (c != '-' && !is_digit(c)) malformed("no value begins like this");
      return Kind::number;
  }
}

void JsonReader::expect_kind(Kind kind, const char* expected) {
  if (const Kind found = peek(); found != kind) refuse(fmt::format("expected {}, found {}", expected, word(found)));
}

void JsonReader::begin(char bracket, bool array) {
  WAN_CHECK(text_[at_] == bracket, "expected {}", bracket);
  ++at_;
  if (frames_.size() >= kMaxDepth) malformed("nested too deeply");
  frames_.push_back({.array = array, .first = true, .index = 0, .key = {}});
}

void JsonReader::begin_object() {
  expect_kind(Kind::object, "an object");
  begin('{', false);
}

void JsonReader::begin_array() {
  expect_kind(Kind::array, "a list");
  begin('[', true);
}

bool JsonReader::next(char closing) {
  skip_space();
  if (at_ >= text_.size()) malformed("the text ends inside an object or a list");
  Frame& frame = frames_.back();
  if (text_[at_] == closing) {
    ++at_;
    frames_.pop_back();
    return false;
  }
  if (!frame.first) {
    if (text_[at_] != ',') malformed("expected a comma or the end of an object or a list");
    ++at_;
    ++frame.index;
  }
  frame.first = false;
  return true;
}

bool JsonReader::next_key(std::string_view& key) {
  if (!next('}')) return false;
  skip_space();
  if (at_ >= text_.size() || text_[at_] != '"') malformed("expected a key");
  const std::size_t begin = at_ + 1;
  key = string_token();
  frames_.back().key = text_.substr(begin, at_ - 1 - begin);
  skip_space();
  if (at_ >= text_.size() || text_[at_] != ':') malformed("expected a colon");
  ++at_;
  return true;
}

bool JsonReader::next_element() { return next(']'); }

void JsonReader::literal(std::string_view expected) {
  if (text_.substr(at_, expected.size()) != expected) malformed("no value begins like this");
  at_ += expected.size();
}

bool JsonReader::read_bool() {
  expect_kind(Kind::boolean, "true or false");
  const bool value = text_[at_] == 't';
  literal(value ? "true" : "false");
  return value;
}

void JsonReader::read_null() {
  expect_kind(Kind::null, "null");
  literal("null");
}

std::string_view JsonReader::string_token() {
  ++at_;  // the quote
  const std::size_t begin = at_;
  bool plain = true;  // neither escapes nor anything else to look at
  while (at_ < text_.size() && text_[at_] != '"') {
    const auto c = static_cast<unsigned char>(text_[at_]);
    if (c < 0x20) malformed("a control character in a text");
    if (c == '\\') {
      plain = false;
      break;
    }
    const std::size_t length = c < 0x80 ? 1 : utf8_length(text_.substr(at_));
    if (length == 0) malformed("bytes that are no UTF-8");
    at_ += length;
  }
  if (plain) {
    if (at_ >= text_.size()) malformed("a text has no end");
    return text_.substr(begin, at_++ - begin);
  }
  scratch_.assign(text_.substr(begin, at_ - begin));
  while (true) {
    if (at_ >= text_.size()) malformed("a text has no end");
    const char c = text_[at_];
    if (c == '"') break;
    if (static_cast<unsigned char>(c) < 0x20) malformed("a control character in a text");
    if (c != '\\') {
      const std::size_t length = utf8_length(text_.substr(at_));
      if (length == 0) malformed("bytes that are no UTF-8");
      scratch_.append(text_.substr(at_, length));
      at_ += length;
      continue;
    }
    if (const char letter = at_ + 1 < text_.size() ? simple_escape(text_[at_ + 1]) : '\0') {
      scratch_ += letter;
      at_ += 2;
      continue;
    }
    std::int64_t code = unicode_escape(text_.substr(at_));
    if (code < 0 || (code >= 0xDC00 && code <= 0xDFFF)) malformed("an escape that is none");
    at_ += 6;
    if (code >= 0xD800 && code <= 0xDBFF) {
      const std::int64_t low = unicode_escape(text_.substr(at_));
      if (low < 0xDC00 || low > 0xDFFF) malformed("half of a surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      at_ += 6;
    }
    append_utf8(scratch_, static_cast<std::uint32_t>(code));
  }
  ++at_;
  return scratch_;
}

std::string JsonReader::read_string() {
  expect_kind(Kind::string, "a text");
  return std::string(string_token());
}

std::string_view JsonReader::number_token() {
  std::size_t end = at_;
  const auto digits = [&] {
    if (end >= text_.size() || !is_digit(text_[end])) malformed("a number without digits");
    while (end < text_.size() && is_digit(text_[end])) ++end;
  };
  if (text_[end] == '-') ++end;
  const bool zero = end < text_.size() && text_[end] == '0';
  const std::size_t first = end;
  digits();
  if (zero && end - first > 1) malformed("a number with a leading zero");
  if (end < text_.size() && text_[end] == '.') {
    ++end;
    digits();
  }
  if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
    ++end;
    if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
    digits();
  }
  return text_.substr(at_, end - at_);
}

bool JsonReader::at_whole_number() { return peek() == Kind::number && number_token().find_first_of(".eE") == std::string_view::npos; }

double JsonReader::read_double() {
  expect_kind(Kind::number, "a number");
  const std::string_view token = number_token();
  double value = 0;
  if (std::from_chars(token.data(), token.data() + token.size(), value).ec != std::errc()) refuse(fmt::format("{} is out of range", token));
  at_ += token.size();
  return value;
}

std::int64_t JsonReader::read_int() {
  expect_kind(Kind::number, "a whole number");
  const std::string_view token = number_token();
  if (token.find_first_of(".eE") != std::string_view::npos) refuse(fmt::format("expected a whole number, found {}", token));
  std::int64_t value = 0;
  if (std::from_chars(token.data(), token.data() + token.size(), value).ec != std::errc()) refuse(fmt::format("{} is out of range", token));
  at_ += token.size();
  return value;
}

std::uint64_t JsonReader::read_unsigned() {
  expect_kind(Kind::number, "a whole number");
  const std::string_view token = number_token();
  if (token.find_first_of(".eE") != std::string_view::npos) refuse(fmt::format("expected a whole number, found {}", token));
  std::uint64_t value = 0;
  if (token.front() == '-' || std::from_chars(token.data(), token.data() + token.size(), value).ec != std::errc())
    refuse(fmt::format("{} is out of range", token));
  at_ += token.size();
  return value;
}

void JsonReader::skip() {
  switch (peek()) {
    case Kind::object: {
      begin_object();
      std::string_view key;
      while (next_key(key)) skip();
      break;
    }
    case Kind::array:
      begin_array();
      while (next_element()) skip();
      break;
    case Kind::string:
      string_token();
      break;
    case Kind::number:
      at_ += number_token().size();
      break;
    case Kind::boolean:
      read_bool();
      break;
    case Kind::null:
      read_null();
      break;
  }
}

void JsonReader::finish() {
  skip_space();
  if (at_ != text_.size()) malformed("something follows the value");
}

void refuse_unknown_key(const JsonReader& in, std::string_view key, std::span<const std::string> known) {
  const std::string near = nearest_word(key, known);
  in.refuse(fmt::format("unknown key '{}'{}", key, near.empty() ? "" : "; did you mean '" + near + "'?"));
}

void refuse_repeated_key(const JsonReader& in, std::string_view key) { in.refuse(fmt::format("the key '{}' stands twice", key)); }

void refuse_missing_key(const JsonReader& in, std::string_view key) { in.refuse(fmt::format("'{}' is missing", key)); }

void read_members(JsonReader& in, std::span<const JsonMember> members) {
  std::uint64_t seen = 0;
  WAN_CHECK(members.size() <= 64, "at most 64 members, found {}", members.size());
  in.begin_object();
  std::string_view key;
  while (in.next_key(key)) {
    std::size_t i = 0;
    while (i < members.size() && key != members[i].key) ++i;
    if (i == members.size()) {
      std::vector<std::string> names;
      for (const auto& member : members) names.emplace_back(member.key);
      refuse_unknown_key(in, key, names);
    }
    if (seen & (std::uint64_t{1} << i)) refuse_repeated_key(in, key);
    seen |= std::uint64_t{1} << i;
    members[i].read();
  }
  for (std::size_t i = 0; i < members.size(); ++i)
    if (members[i].required && !(seen & (std::uint64_t{1} << i))) refuse_missing_key(in, members[i].key);
}

}  // namespace wan::io
