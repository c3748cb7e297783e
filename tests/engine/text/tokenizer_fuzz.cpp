// Bytes that begin with '{' are a tokenizer.json, all others a prompt. A file is a UsageError or a tokenizer that encodes any text; a
// prompt that is valid UTF-8 is cleaned to valid UTF-8, with no space to collapse, and gives ids inside the vocabulary.
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/error.h"
#include "engine/text/clean.h"
#include "engine/text/tokenizer.h"
#include "engine/text/unicode.h"

namespace {

using namespace wan::text;

constexpr std::int64_t kLength = 64;

// Covers every kind of token: special, normalised, with stripping; a replacement, bytes, unknown characters.
constexpr std::string_view kTokenizer = R"({"added_tokens": [{"id": 1, "content": "</s>", "lstrip": true, "rstrip": true},
    {"id": 9, "content": "red", "single_word": true, "normalized": true}],
  "normalizer": {"type": "Sequence", "normalizers": [{"type": "Nmt"}, {"type": "NFKC"}, {"type": "Strip", "strip_left": false, "strip_right": true},
    {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "_"}]},
  "pre_tokenizer": {"type": "Metaspace", "replacement": "▁"},
  "post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A"}}, {"SpecialToken": {"id": "</s>"}}],
    "special_tokens": {"</s>": {"ids": [1]}}},
  "model": {"type": "Unigram", "unk_id": 3, "byte_fallback": true, "vocab": [["<pad>", 0], ["</s>", 0], ["<s>", 0], ["<unk>", 0], ["▁", -1], ["a", -2],
    ["▁a", -2.5], ["é", -3], ["<0x21>", -4], ["red", -5], ["aa", -4]]}})";

void encode(const Tokenizer& tokenizer, std::string_view text, std::int64_t ids) {
  const TokenizedPrompt prompt = tokenizer.encode(text, kLength);
  if (prompt.input_ids.size() != kLength || prompt.attention_mask.size() != kLength || prompt.length > kLength) __builtin_trap();
  for (const std::int64_t id : prompt.input_ids)
    if (id < 0 || id >= ids) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Tokenizer kFixed = Tokenizer::parse(wan::io::JsonValue::parse(kTokenizer, "fuzz"));
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  try {
    if (input.starts_with('{')) {
      encode(Tokenizer::parse(wan::io::JsonValue::parse(input, "fuzz")), "a red  </s> é½ \u00bd e\u0301 🐕!", INT64_MAX);
    } else {
      const std::string cleaned = clean_prompt(input);
      if (find_invalid_utf8(cleaned) != std::string::npos || cleaned.find("  ") != std::string::npos) __builtin_trap();
      encode(kFixed, cleaned, 11);
    }
  } catch (const wan::UsageError&) {
  }
  return 0;
}
