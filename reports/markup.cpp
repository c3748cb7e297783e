#include "reports/markup.h"

#include <cstdint>

#include "reports/format.h"

namespace wan::reports {
namespace {

bool forbidden(std::string_view character) {
  if (character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF") return true;  // U+FFFE, U+FFFF
  const auto first = static_cast<unsigned char>(character.front());
  return first < 0x20 && first != '\t' && first != '\n' && first != '\r';
}

std::string open_tag(std::string_view tag, const Attributes& attributes) {
  std::string text = "<" + std::string(tag);
  for (const auto& [name, value] : attributes) text += " " + name + "=\"" + escaped(value) + "\"";
  return text;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    const std::string_view character = text.substr(at, length == 0 ? 1 : length);
    at += character.size();
    if (length == 0 || forbidden(character)) {
      out += kReplacement;
    } else if (character == "&") {
      out += "&amp;";
    } else if (character == "<") {
      out += "&lt;";
    } else if (character == ">") {
      out += "&gt;";
    } else if (character == "\"") {
      out += "&quot;";
    } else if (character == "'") {
      out += "&#39;";
    } else {
      out += character;
    }
  }
  return out;
}

std::string base64(std::string_view bytes) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t left = bytes.size() - at;
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8U | (i < left ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) out += i <= left ? kDigits[group >> (18 - 6 * i) & 63U] : '=';
  }
  return out;
}

Markup Markup::trusted(std::string_view markup) {
  Markup result;
  result.markup_ = markup;
  return result;
}

Markup& Markup::operator+=(const Markup& other) {
  markup_ += other.markup_;
  return *this;
}

Markup element(std::string_view tag, const Markup& content) { return element(tag, {}, content); }

Markup element(std::string_view tag, const Attributes& attributes, const Markup& content) {
  return Markup::trusted(open_tag(tag, attributes) + ">" + content.str() + "</" + std::string(tag) + ">");
}

Markup empty_element(std::string_view tag, const Attributes& attributes) { return Markup::trusted(open_tag(tag, attributes) + "/>"); }

}  // namespace wan::reports
