#include "engine/text/normalizer.h"

#include <charconv>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/text/character_map.h"
#include "engine/text/unicode.h"

namespace wan::text {
namespace {

std::string strip(const std::string& text, bool left, bool right) {
  const std::u32string characters = decode_utf8(text);
  std::size_t begin = 0;
  std::size_t end = characters.size();
  while (left && begin < end && is_white_space(characters[begin])) ++begin;
  while (right && end > begin && is_white_space(characters[end - 1])) --end;
  return encode_utf8(std::u32string_view(characters).substr(begin, end - begin));
}

std::string replace_all(std::string_view text, std::string_view pattern, std::string_view content) {
  std::string out;
  for (std::size_t at = 0;;) {
    const std::size_t found = text.find(pattern, at);
    out += text.substr(at, found - at);
    if (found == std::string_view::npos) return out;
    out += content;
    at = found + pattern.size();
  }
}

// The one shape of regular expression that tokenizers of this family use: a character, repeated at least so many times.
struct Repetition {
  char character;
  std::size_t at_least;
};

std::optional<Repetition> parse_repetition(std::string_view pattern) {
  constexpr std::string_view kMeta = "\\.[](){}*+?|^$";
  if (pattern.size() < 2 || static_cast<unsigned char>(pattern[0]) >= 0x80 || kMeta.find(pattern[0]) != std::string_view::npos)
    return std::nullopt;
  const auto counter = pattern.substr(1);
  if (counter == "+") return Repetition{pattern[0], 1};
  if (counter.size() < 4 || counter.front() != '{' || !counter.ends_with(",}")) return std::nullopt;
  const auto digits = counter.substr(1, counter.size() - 3);
  std::size_t at_least = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), at_least);
  if (error != std::errc() || end != digits.data() + digits.size() || at_least == 0) return std::nullopt;
  return Repetition{pattern[0], at_least};
}

std::string replace_runs(std::string_view text, Repetition run, std::string_view content) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_not_of(run.character, at), text.size());
    if (end - at >= run.at_least)
      out += content;
    else
      out += text.substr(at, end - at);
    if (end < text.size()) out.push_back(text[end]);
    at = end + 1;
  }
  return out;
}

Normalizer make_replace(const io::JsonValue& config) {
  const io::JsonValue pattern = config.at("pattern");
  const std::string content = config.at("content").as_string();
  if (pattern.has("String")) {
    const std::string literal = pattern.at("String").as_string();
    if (literal.empty()) return [](std::string text) { return text; };
    return [literal, content](std::string text) { return replace_all(text, literal, content); };
  }
  const std::string expression = pattern.at("Regex").as_string();
  const auto run = parse_repetition(expression);
  if (!run) fail_unsupported(pattern, "the regular expression '" + expression + "'", "a plain character followed by {n,} or +");
  return [run = *run, content](std::string text) { return replace_runs(text, run, content); };
}

bool is_nmt_dropped(char32_t c) {
  return (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F;
}

bool is_nmt_space(char32_t c) {
  return c == 0x09 || c == 0x0A || c == 0x0C || c == 0x0D || c == 0x1680 || (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 ||
         c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
}

std::string nmt(const std::string& text) {
  std::u32string out;
  for (char32_t c : decode_utf8(text))
    if (!is_nmt_dropped(c)) out.push_back(is_nmt_space(c) ? U' ' : c);
  return encode_utf8(out);
}

constexpr int kDeepest = 8;  // chains within chains; more is no tokenizer that anybody made

Normalizer make_step(const io::JsonValue& config, int depth);

Normalizer make_chain(const io::JsonValue& steps, int depth) {
  if (depth > kDeepest) fail_unsupported(steps, "a chain this deep", fmt::format("at most {} within each other", kDeepest));
  std::vector<Normalizer> chain;
  for (std::size_t i = 0; i < steps.size(); ++i) chain.push_back(make_step(steps.at(i), depth));
  return [chain](std::string text) {
    for (const auto& step : chain) text = step(std::move(text));
    return text;
  };
}

Normalizer make_form(NormalForm form) {
  return [form](std::string text) { return normalize(text, form); };
}

Normalizer make_step(const io::JsonValue& config, int depth) {
  const std::string type = config.at("type").as_string();
  if (type == "Sequence") return make_chain(config.at("normalizers"), depth + 1);
  if (type == "Precompiled") {
    const auto field = config.at("precompiled_charsmap");
    const auto map = std::make_shared<const CharacterMap>(field.as_string(), field.where());
    return [map](std::string text) { return map->apply(text); };
  }
  if (type == "Strip") {
    const bool left = config.at("strip_left").as_bool();
    const bool right = config.at("strip_right").as_bool();
    return [left, right](std::string text) { return strip(text, left, right); };
  }
  if (type == "Replace") return make_replace(config);
  if (type == "Prepend") {
    const std::string prefix = config.at("prepend").as_string();
    return [prefix](std::string text) { return text.empty() ? text : prefix + text; };
  }
  if (type == "NFC") return make_form(NormalForm::nfc);
  if (type == "NFD") return make_form(NormalForm::nfd);
  if (type == "NFKC") return make_form(NormalForm::nfkc);
  if (type == "NFKD") return make_form(NormalForm::nfkd);
  if (type == "Nmt") return [](std::string text) { return nmt(text); };
  fail_unsupported(config, "the normalizer '" + type + "'", "Sequence, Precompiled, Strip, Replace, Prepend, NFC, NFD, NFKC, NFKD or Nmt");
}

}  // namespace

void fail_unsupported(const io::JsonValue& where, const std::string& what, const std::string& supported) {
  throw UsageError(fmt::format("{}: {} is not supported; expected {}", where.where(), what, supported));
}

Normalizer make_normalizer(const io::JsonValue& config) {
  if (config.is_null()) return [](std::string text) { return text; };
  return make_step(config, 0);
}

}  // namespace wan::text
