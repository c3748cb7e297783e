#include "engine/text/unicode.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

#include "engine/base/error.h"

namespace wan::text {
namespace {

// The code point at `at` and its bytes; -1 if there is no valid one.
struct Decoded {
  utf8proc_int32_t code_point;
  std::size_t bytes;
};

Decoded decode_at(std::string_view text, std::size_t at) {
  utf8proc_int32_t code_point = -1;
  const auto* start = reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at);
  const auto bytes = utf8proc_iterate(start, static_cast<utf8proc_ssize_t>(text.size() - at), &code_point);
  return {bytes < 1 ? -1 : code_point, bytes < 1 ? 1 : static_cast<std::size_t>(bytes)};
}

}  // namespace

std::size_t find_invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto [code_point, bytes] = decode_at(text, at);
    if (code_point < 0) return at;
    at += bytes;
  }
  return std::string_view::npos;
}

std::u32string decode_utf8(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto [code_point, bytes] = decode_at(text, at);
    WAN_CHECK(code_point >= 0, "no valid UTF-8 at byte {}", at);
    out.push_back(static_cast<char32_t>(code_point));
    at += bytes;
  }
  return out;
}

void append_utf8(std::string& text, char32_t c) {
  utf8proc_uint8_t bytes[4];
  const auto count = utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), bytes);
  text.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
}

std::string encode_utf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char32_t c : text) append_utf8(out, c);
  return out;
}

std::size_t utf8_size(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

bool is_white_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_digit(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)) == UTF8PROC_CATEGORY_ND; }

bool is_word(char32_t c) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_ND) || category == UTF8PROC_CATEGORY_PC;
}

char32_t to_upper(char32_t c) { return static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c))); }

std::string normalize(std::string_view text, NormalForm form) {
  int options = UTF8PROC_STABLE;
  options |= form == NormalForm::nfc || form == NormalForm::nfkc ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE;
  if (form == NormalForm::nfkc || form == NormalForm::nfkd) options |= UTF8PROC_COMPAT;
  utf8proc_uint8_t* raw = nullptr;
  const auto bytes = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()), &raw,
                                  static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(raw, &std::free);
  WAN_CHECK(bytes >= 0, "normalisation failed: {}", utf8proc_errmsg(bytes));
  return {reinterpret_cast<const char*>(raw), static_cast<std::size_t>(bytes)};
}

void for_each_grapheme(std::string_view text, const std::function<void(std::string_view)>& visit) {
  std::size_t start = 0;
  utf8proc_int32_t previous = 0;
  utf8proc_int32_t state = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto [code_point, bytes] = decode_at(text, at);
    WAN_CHECK(code_point >= 0, "no valid UTF-8 at byte {}", at);
    if (at > 0 && utf8proc_grapheme_break_stateful(previous, code_point, &state)) {
      visit(text.substr(start, at - start));
      start = at;
    }
    previous = code_point;
    at += bytes;
  }
  if (start < text.size()) visit(text.substr(start));
}

}  // namespace wan::text
