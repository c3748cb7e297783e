#include "engine/text/html.h"

#include <algorithm>
#include <optional>

#include "engine/text/html_entities.h"
#include "engine/text/single_byte.h"
#include "engine/text/unicode.h"

namespace wan::text {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::size_t kLongestName = 32;  // of a name that a browser looks at
constexpr std::size_t kLongestStrictName = 24;

// A stretch of the text, and what it stands for.
struct Reference {
  std::size_t length = 0;
  std::u32string value = {};
};

bool ascii_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool ascii_letter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::optional<std::uint32_t> digit_value(char32_t c, std::uint32_t base) {
  if (ascii_digit(c)) return c - '0';
  if (base == 16 && c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (base == 16 && c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

bool forbidden(std::uint32_t c) {
  return (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || (c >= 0x7F && c <= 0x9F) || (c >= 0xFDD0 && c <= 0xFDEF) ||
         (c & 0xFFFE) == 0xFFFE;
}

std::u32string numbered_character(std::uint32_t number) {
  if (number == 0) return {kReplacement};
  if (number >= 0x80 && number <= 0x9F) return {windows_1252_character(static_cast<unsigned char>(number))};
  if ((number >= 0xD800 && number <= 0xDFFF) || number > 0x10FFFF) return {kReplacement};
  if (forbidden(number)) return {};
  return {static_cast<char32_t>(number)};
}

// `text` begins behind the '&', with '#'.
std::optional<Reference> numeric_reference(std::u32string_view text) {
  std::size_t at = 1;
  const bool hexadecimal = at < text.size() && (text[at] == 'x' || text[at] == 'X');
  if (hexadecimal) ++at;
  const std::uint32_t base = hexadecimal ? 16 : 10;
  const std::size_t first = at;
  std::uint32_t number = 0;
  for (; at < text.size(); ++at) {
    const auto digit = digit_value(text[at], base);
    if (!digit) break;
    number = std::min<std::uint32_t>(number * base + *digit, 0x110000);  // held there: no character, whatever follows
  }
  if (at == first) return std::nullopt;
  if (at < text.size() && text[at] == ';') ++at;
  return Reference{at, numbered_character(number)};
}

std::string ascii_name(std::u32string_view name) {
  std::string out;
  for (char32_t c : name) {
    if (!ascii_letter(c) && !ascii_digit(c)) break;
    out.push_back(static_cast<char>(c));
  }
  return out;
}

// The longest reference without semicolon at the start of the name.
const HtmlEntity* find_open_entity(std::string name) {
  for (; name.size() > 1; name.pop_back())
    if (const auto* entity = find_html_entity(name); entity && entity->without_semicolon) return entity;
  return nullptr;
}

std::optional<Reference> named_reference(std::u32string_view text) {
  const std::size_t length = std::min({text.find_first_of(U"\t\n\f <&#;"), text.size(), kLongestName});
  const std::string name = ascii_name(text.substr(0, length));
  if (name.size() == length && length < text.size() && text[length] == ';')
    if (const auto* entity = find_html_entity(name)) return Reference{length + 1, decode_utf8(entity->value)};
  if (const auto* entity = find_open_entity(name)) return Reference{entity->name.size(), decode_utf8(entity->value)};
  return std::nullopt;
}

// Full upper case of what entities in lower case stand for: beside the simple mapping, only these grow.
std::u32string upper_case(std::u32string_view text) {
  std::u32string out;
  for (char32_t c : text) {
    if (c == U'\u00df')
      out += U"SS";
    else if (c == U'\u0149')
      out += U"\u02bcN";
    else if (c >= 0xFB00 && c <= 0xFB04)
      out += std::u32string_view(U"FF\0FI\0FL\0FFIFFL", 15).substr((c - 0xFB00) * 3, c < 0xFB03 ? 2 : 3);
    else
      out.push_back(to_upper(c));
  }
  return out;
}

std::optional<std::u32string> strict_value(const std::string& name) {
  if (const auto* entity = find_html_entity(name)) return decode_utf8(entity->value);
  if (std::ranges::any_of(name, [](char c) { return c >= 'a' && c <= 'z'; }) || find_open_entity(name)) return std::nullopt;
  std::string lower = name;
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (const auto* entity = find_html_entity(lower)) return upper_case(decode_utf8(entity->value));
  return std::nullopt;
}

std::optional<Reference> strict_reference(std::u32string_view text) {
  const std::size_t semicolon = text.substr(0, kLongestStrictName + 2).find(U';');
  if (semicolon == std::u32string_view::npos) return std::nullopt;
  if (text[0] == '#') {
    auto reference = numeric_reference(text);
    if (!reference || reference->length != semicolon + 1 || reference->value == U";") return std::nullopt;
    return reference;
  }
  const std::string name = ascii_name(text.substr(0, semicolon));
  if (name.size() != semicolon || name.size() > kLongestStrictName) return std::nullopt;
  auto value = strict_value(name);
  if (!value) return std::nullopt;
  return Reference{semicolon + 1, std::move(*value)};
}

template <typename Match>
std::u32string replace_references(std::u32string_view text, const Match& match) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t ampersand = std::min(text.find(U'&', at), text.size());
    out += text.substr(at, ampersand - at);
    at = ampersand;
    if (at == text.size()) break;
    const auto rest = text.substr(at + 1);
    const auto reference = rest.empty() ? std::nullopt : match(rest);
    if (reference) {
      out += reference->value;
      at += 1 + reference->length;
    } else {
      out.push_back(text[at++]);
    }
  }
  return out;
}

}  // namespace

std::u32string unescape_html(std::u32string_view text) {
  return replace_references(text,
                            [](std::u32string_view rest) { return rest[0] == '#' ? numeric_reference(rest) : named_reference(rest); });
}

std::u32string unescape_html_strict(std::u32string_view text) { return replace_references(text, strict_reference); }

}  // namespace wan::text
