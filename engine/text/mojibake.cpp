#include "engine/text/mojibake.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "engine/text/single_byte.h"
#include "engine/text/unicode.h"

namespace wan::text {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// What a character of the upper half does in ordinary text. In mojibake these follow an accented letter, which is the lead byte.
enum class Habit {
  symbol,  // stands behind digits, spaces or symbols: never behind an accented letter
  currency,
  opening,  // stands before a word
  closing,  // stands behind a word
  neutral,  // stands anywhere: dash, apostrophe, ellipsis
  letter,
};

Habit habit(unsigned char byte) {
  switch (byte) {
    case 0x80:
    case 0xA2:
    case 0xA3:
    case 0xA5:
      return Habit::currency;  // clang-format off
    case 0x82: case 0x84: case 0x8B: case 0x91: case 0x93: case 0x95: case 0xA1: case 0xA9: case 0xAB: case 0xBF: return Habit::opening;
    case 0x94: case 0x99: case 0x9B: case 0xAE: case 0xBB: return Habit::closing;
    case 0x85: case 0x92: case 0x96: case 0x97: case 0xA0: case 0xAD: case 0xB4: case 0xB7: return Habit::neutral;
    case 0x8A: case 0x8C: case 0x8E: case 0x9A: case 0x9C: case 0x9E: case 0x9F: return Habit::letter;
    default: return Habit::symbol;  // clang-format on
  }
}

bool is_c1(char32_t c) { return c >= 0x80 && c < 0xA0; }
bool is_continuation(unsigned char byte) { return byte >= 0x80 && byte < 0xC0; }
bool is_lower_ascii(char32_t c) { return c >= 'a' && c <= 'z'; }

std::size_t sequence_length(unsigned char lead) {
  return lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

// One UTF-8 sequence found underneath the characters.
struct Sequence {
  unsigned char bytes[4];
  std::size_t length = 0;  // characters it takes
  std::size_t lost = 0;    // of them, U+FFFD
  char32_t decoded = 0;
};

char32_t decode_sequence(const Sequence& s) {
  if (s.lost > 0) return kReplacement;
  const std::string_view bytes(reinterpret_cast<const char*>(s.bytes), s.length);
  return find_invalid_utf8(bytes) == std::string_view::npos ? decode_utf8(bytes)[0] : 0;
}

// A no-break space that became a plain one is accepted only where it makes a likely character, so behind these leads and never twice.
bool space_may_stand_for_a0(const Sequence& s, std::size_t position) {
  const unsigned char lead = s.bytes[0];
  if (std::count(s.bytes + 1, s.bytes + position, 0xA0) > 0) return false;
  switch (sequence_length(lead)) {
    case 2:
      return std::string_view("\xc2\xc3\xc5\xce\xd0\xd9").find(static_cast<char>(lead)) != std::string_view::npos;
    case 3:
      return lead <= 0xE3 && (position == 2 || lead >= 0xE2);
    default:
      return lead == 0xF0;
  }
}

std::optional<Sequence> match_sequence(std::u32string_view text, std::size_t at) {
  const auto lead = single_byte(text[at]);
  const std::size_t length = lead ? sequence_length(*lead) : 0;
  if (length == 0 || at + length > text.size()) return std::nullopt;
  Sequence s{.bytes = {*lead}, .length = length};
  for (std::size_t i = 1; i < length; ++i) {
    const char32_t c = text[at + i];
    const auto byte = single_byte(c);
    if (byte && is_continuation(*byte))
      s.bytes[i] = *byte;
    else if (c == ' ' && space_may_stand_for_a0(s, i))
      s.bytes[i] = 0xA0;
    else if (c == kReplacement)
      s.bytes[i] = 0x80, ++s.lost;
    else
      return std::nullopt;
  }
  s.decoded = decode_sequence(s);
  if (s.decoded == 0) return std::nullopt;
  return s;
}

// Two-byte sequences look most like ordinary text ("CAFÉ™"), so the neighbours decide.
bool pair_is_suspicious(std::u32string_view text, std::size_t at, const Sequence& s) {
  const unsigned char lead = s.bytes[0];
  const char32_t before = at > 0 ? text[at - 1] : U' ';
  const bool after_word = is_lower_ascii(before);
  const bool usual_lead = lead == 0xC2 || lead == 0xC3;
  if (text[at + 1] == U' ')
    return usual_lead && (at == 0 || after_word || (is_white_space(before) && at > 1 && is_lower_ascii(text[at - 2])));
  const Habit what = habit(s.bytes[1]);
  if (usual_lead || lead == 0xCE || lead == 0xD0)  // Latin, Greek, Cyrillic
    return what == Habit::letter ? s.bytes[1] != 0x8C && s.bytes[1] != 0x8E : s.bytes[1] != 0x85 && s.bytes[1] != 0x92;
  if (lead == 0xD7) return what == Habit::letter || what == Habit::opening;  // Hebrew
  if ((lead >= 0xD2 && lead <= 0xD6) || (lead >= 0xD9 && lead <= 0xDB) || lead >= 0xDE) return false;
  switch (what) {
    case Habit::symbol:
      return true;
    case Habit::currency:
      return after_word || (at > 0 && is_white_space(before));
    case Habit::opening:
      return after_word || (at + 2 < text.size() && is_word(text[at + 2]));
    case Habit::closing:
      return at + 2 < text.size() && is_word(text[at + 2]);
    default:
      return false;
  }
}

bool triple_is_suspicious(const Sequence& s) {
  const Habit first = habit(s.bytes[1]);
  const Habit second = habit(s.bytes[2]);
  return first == Habit::symbol || first == Habit::currency || second == Habit::symbol || second == Habit::currency ||
         (first == Habit::closing && second == Habit::opening) || (first == Habit::letter && s.bytes[1] < 0x90);  // a capital inside a word
}

bool is_suspicious(std::u32string_view text, std::size_t at, const Sequence& s) {
  if (s.lost > 0 || s.length == 4 || std::ranges::any_of(text.substr(at, s.length), is_c1)) return true;
  return s.length == 2 ? pair_is_suspicious(text, at, s) : triple_is_suspicious(s);
}

bool looks_damaged(std::u32string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] < 0x80) continue;
    if (is_c1(text[at])) return true;
    if (const auto s = match_sequence(text, at); s && is_suspicious(text, at, *s)) return true;
  }
  return false;
}

// "Ã la mode": the lost no-break space was behind the letter, and a real space as well.
bool is_word_a_grave(std::u32string_view text, std::size_t at) {
  if (text[at] != 0xC3 || at + 1 >= text.size() || text[at + 1] != U' ') return false;
  const auto rest = text.substr(at + 2);
  constexpr std::u32string_view kContractions[] = {U" ", U"quele", U"quela", U"quilo", U"s "};
  return std::ranges::none_of(kContractions, [&](std::u32string_view word) { return rest.starts_with(word); });
}

// Every character above ASCII belongs to a sequence: the text as it was before it was misread.
std::optional<std::u32string> decode_whole(std::u32string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] < 0x80 || text[at] == kReplacement) {
      out.push_back(text[at++]);
      continue;
    }
    const auto s = match_sequence(text, at);
    if (!s) return std::nullopt;
    out.push_back(s->decoded);
    at += is_word_a_grave(text, at) ? 1 : s->length;
  }
  return out;
}

// Behind such a character a sequence is more likely the middle of a larger garble.
bool is_tail_of_garble(char32_t c) {
  const auto byte = single_byte(c);
  if (!byte || !is_continuation(*byte)) return false;
  const Habit what = habit(*byte);
  return c < 0xC0 || what == Habit::symbol || what == Habit::currency || what == Habit::letter;
}

// Characters at the start of the text that are complete sequences.
std::size_t run_length(std::u32string_view text) {
  std::size_t length = 0;
  while (length < text.size()) {
    const auto s = match_sequence(text, length);
    if (!s || s->lost > 0) break;
    length += s->length;
  }
  return length;
}

// Suspicious runs of sequences are decoded, the rest stays. A run is judged by itself: with the text's other half sound, its neighbours are
// no evidence.
std::u32string decode_runs(std::u32string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t run = at > 0 && is_tail_of_garble(text[at - 1]) ? 0 : run_length(text.substr(at));
    const auto taken = text.substr(at, std::max<std::size_t>(run, 1));
    const auto decoded = run > 0 && looks_damaged(taken) ? decode_whole(taken) : std::nullopt;
    out += decoded ? std::u32string_view(*decoded) : taken;
    at += taken.size();
  }
  return out;
}

}  // namespace

std::u32string repair_mojibake(std::u32string text) {
  while (looks_damaged(text)) {
    auto repaired = decode_whole(text);
    if (!repaired) repaired = decode_runs(text);
    if (*repaired == text) break;
    text = std::move(*repaired);
  }
  for (char32_t& c : text)
    if (is_c1(c)) c = windows_1252_character(static_cast<unsigned char>(c));
  return text;
}

}  // namespace wan::text
