#include "engine/text/clean.h"

#include <algorithm>

#include "engine/base/error.h"
#include "engine/text/html.h"
#include "engine/text/mojibake.h"
#include "engine/text/unicode.h"

namespace wan::text {
namespace {

bool is_curly_single(char32_t c) { return c == 0x02BC || (c >= 0x2018 && c <= 0x201B); }
bool is_curly_double(char32_t c) { return c >= 0x201C && c <= 0x201F; }

bool is_dropped_control(char32_t c) {
  return c <= 0x08 || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F || (c >= 0x206A && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFFF9 && c <= 0xFFFC);
}

// Latin ligatures, and digraphs that exist for the sake of old encodings; empty for any other character.
std::u32string_view ligature_letters(char32_t c) {
  switch (c) {
    case 0x0132:
      return U"IJ";  // clang-format off
    case 0x0133: return U"ij";
    case 0x0149: return U"\u02bcn";
    case 0x01C4: return U"D\u017d";
    case 0x01C5: return U"D\u017e";
    case 0x01C6: return U"d\u017e";
    case 0x01C7: return U"LJ";
    case 0x01C8: return U"Lj";
    case 0x01C9: return U"lj";
    case 0x01CA: return U"NJ";
    case 0x01CB: return U"Nj";
    case 0x01CC: return U"nj";
    case 0x01F1: return U"DZ";
    case 0x01F2: return U"Dz";
    case 0x01F3: return U"dz";
    case 0xFB00: return U"ff";
    case 0xFB01: return U"fi";
    case 0xFB02: return U"fl";
    case 0xFB03: return U"ffi";
    case 0xFB04: return U"ffl";
    case 0xFB05: return U"\u017ft";
    case 0xFB06: return U"st";
    default: return {};  // clang-format on
  }
}

// Half-width and full-width forms become the ordinary character; the ideographic space a space.
void append_width_folded(std::u32string& out, char32_t c) {
  if (c == 0x3000) {
    out.push_back(U' ');
  } else if (c >= 0xFF01 && c <= 0xFFEF) {
    std::string form;
    append_utf8(form, c);
    for (char32_t folded : decode_utf8(normalize(form, NormalForm::nfkc))) out.push_back(folded);
  } else {
    out.push_back(c);
  }
}

void append_plain(std::u32string& out, char32_t c) {
  if (const auto letters = ligature_letters(c); !letters.empty())
    out += letters;
  else
    append_width_folded(out, c);
}

void straighten_quote(char32_t& c) {
  if (is_curly_double(c)) c = U'"';
  if (is_curly_single(c)) c = U'\'';
}

// CR LF, CR, and the separators of Unicode all end a line.
std::u32string unify_line_breaks(std::u32string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == U'\r' && i + 1 < text.size() && text[i + 1] == U'\n') continue;
    const bool breaks = text[i] == U'\r' || text[i] == 0x2028 || text[i] == 0x2029 || text[i] == 0x85;
    out.push_back(breaks ? U'\n' : text[i]);
  }
  return out;
}

// Terminal colours and the like: ESC [ numbers letter.
std::u32string drop_terminal_escapes(std::u32string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == 0x1B && i + 1 < text.size() && text[i + 1] == U'[') {
      std::size_t end = i + 2;
      while (end < text.size() && (text[end] == U';' || is_digit(text[end]))) ++end;
      const bool letter = end < text.size() && ((text[end] >= 'a' && text[end] <= 'z') || (text[end] >= 'A' && text[end] <= 'Z'));
      if (letter) {
        i = end;
        continue;
      }
    }
    out.push_back(text[i]);
  }
  return out;
}

std::u32string fix_once(std::u32string text, bool unescape) {
  if (unescape) text = unescape_html_strict(text);
  text = repair_mojibake(std::move(text));
  std::u32string plain;
  for (char32_t c : text) append_plain(plain, c);
  std::ranges::for_each(plain, straighten_quote);
  plain = drop_terminal_escapes(unify_line_breaks(plain));
  std::erase_if(plain, is_dropped_control);
  return decode_utf8(normalize(encode_utf8(plain), NormalForm::nfc));
}

// Line by line, each until nothing changes any more. A '<' says that this is real HTML, from its line on: references stay.
std::u32string fix_text(std::u32string_view text) {
  std::u32string out;
  bool unescape = true;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t line_end = std::min(text.find(U'\n', at), text.size() - 1) + 1;
    std::u32string line(text.substr(at, line_end - at));
    unescape = unescape && line.find(U'<') == std::u32string::npos;
    for (std::u32string before; before != line;) {
      before = line;
      line = fix_once(std::move(line), unescape);
    }
    out += line;
    at = line_end;
  }
  return out;
}

// Runs of white space become one space; none is left at the ends.
std::u32string collapse_white_space(std::u32string_view text) {
  std::u32string out;
  for (char32_t c : text) {
    if (!is_white_space(c))
      out.push_back(c);
    else if (!out.empty() && out.back() != U' ')
      out.push_back(U' ');
  }
  if (!out.empty() && out.back() == U' ') out.pop_back();
  return out;
}

}  // namespace

std::string clean_prompt(std::string_view prompt) {
  const std::size_t invalid = find_invalid_utf8(prompt);
  if (invalid != std::string_view::npos)
    throw UsageError(fmt::format("the prompt is not valid UTF-8: byte {} (0x{:02x}); give it in UTF-8", invalid,
                                 static_cast<unsigned>(static_cast<unsigned char>(prompt[invalid]))));
  return encode_utf8(collapse_white_space(unescape_html(unescape_html(fix_text(decode_utf8(prompt))))));
}

}  // namespace wan::text
