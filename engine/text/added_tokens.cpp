#include "engine/text/added_tokens.h"

#include <algorithm>

#include "engine/base/error.h"
#include "engine/text/unicode.h"

namespace wan::text {
namespace {

std::vector<std::string> contents(const std::vector<AddedToken>& tokens) {
  std::vector<std::string> out;
  for (const auto& token : tokens) out.push_back(token.content);
  return out;
}

bool is_trailing_byte(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The character that ends at `end` (> 0), or starts at `begin` (< size).
char32_t character_before(std::string_view text, std::size_t end) {
  std::size_t begin = end - 1;
  while (begin > 0 && is_trailing_byte(text[begin])) --begin;
  return decode_utf8(text.substr(begin, end - begin))[0];
}
char32_t character_at(std::string_view text, std::size_t begin) { return decode_utf8(text.substr(begin, utf8_size(text[begin])))[0]; }

}  // namespace

std::vector<AddedToken> read_added_tokens(const io::JsonValue& tokenizer) {
  std::vector<AddedToken> tokens;
  if (!tokenizer.has("added_tokens")) return tokens;
  const io::JsonValue list = tokenizer.at("added_tokens");
  if (!list.is_array()) throw UsageError(fmt::format("{}: expected a list", list.where()));
  for (std::size_t i = 0; i < list.size(); ++i) {
    const io::JsonValue entry = list.at(i);
    AddedToken token{.content = entry.at("content").as_string(),
                     .id = entry.at("id").as_int(),
                     .single_word = entry.get("single_word", false),
                     .strip_left = entry.get("lstrip", false),
                     .strip_right = entry.get("rstrip", false),
                     .normalized = entry.get("normalized", false)};
    if (token.content.empty() || token.id < 0) throw UsageError(fmt::format("{}: expected a text and an id of at least 0", entry.where()));
    tokens.push_back(std::move(token));
  }
  return tokens;
}

AddedTokenFinder::AddedTokenFinder(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)), trie_(contents(tokens_)) {}

// `taken`: the end of the token before; white space behind it is not taken twice.
std::optional<AddedTokenFinder::Match> AddedTokenFinder::match_at(std::string_view text, std::size_t at, std::size_t taken) const {
  std::int32_t longest = -1;
  trie_.for_each_prefix(text.substr(at), [&](std::size_t, std::int32_t index) { longest = index; });
  if (longest < 0) return std::nullopt;
  const AddedToken& token = tokens_[static_cast<std::size_t>(longest)];
  Match match{at, at + token.content.size(), token.id};
  if (token.single_word) {
    if (match.begin > 0 && is_word(character_before(text, match.begin))) return std::nullopt;
    if (match.end < text.size() && is_word(character_at(text, match.end))) return std::nullopt;
  }
  while (token.strip_left && match.begin > taken && is_white_space(character_before(text, match.begin))) do
      --match.begin;
    while (is_trailing_byte(text[match.begin]));
  while (token.strip_right && match.end < text.size() && is_white_space(character_at(text, match.end)))
    match.end += utf8_size(text[match.end]);
  return match;
}

std::vector<Segment> AddedTokenFinder::split(const Segment& segment) const {
  std::vector<Segment> out;
  const std::string_view text = segment.text;
  std::size_t taken = 0;
  const auto add_text_until = [&](std::size_t end) {
    if (end > taken) out.push_back({std::string(text.substr(taken, end - taken)), std::nullopt, segment.starts_text && taken == 0});
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto match = match_at(text, at, taken);
    if (!match) {
      ++at;
      continue;
    }
    add_text_until(match->begin);
    out.push_back({{}, match->id, false});
    at = taken = match->end;
  }
  add_text_until(text.size());
  return out;
}

}  // namespace wan::text
