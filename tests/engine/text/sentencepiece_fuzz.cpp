// Any bytes as spiece.model: a UsageError, or a tokenizer that encodes any text.
#include <cstdint>
#include <span>

#include "engine/base/error.h"
#include "engine/text/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using wan::text::Tokenizer;
  try {
    const auto tokenizer = Tokenizer::parse_sentencepiece(std::as_bytes(std::span(data, size)), {.extra_ids = 3}, "fuzz");
    const auto prompt = tokenizer.encode("a red  </s> é½ \u00bd e\u0301 🐕 <extra_id_1>!", 64);
    if (prompt.input_ids.size() != 64 || prompt.attention_mask.size() != 64) __builtin_trap();
  } catch (const wan::UsageError&) {
  }
  return 0;
}
