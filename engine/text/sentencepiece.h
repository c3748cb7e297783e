// spiece.model, for checkpoints that have no tokenizer.json: the SentencePiece file becomes the tokenizer.json that the usual converter of
// T5 tokenizers would make of it, so there is one tokenizer, and its ids are equal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace wan::text {

// What stands beside the file, in tokenizer_config.json.
struct SentencePieceOptions {
  std::int64_t extra_ids = 300;  // <extra_id_0> and so on, behind the pieces in falling order; UMT5 has 300
};

// The text of a tokenizer.json. `name` stands for the path in messages. Throws UsageError: damaged, not a Unigram model, or without </s>.
std::string tokenizer_json_of_sentencepiece(std::span<const std::byte> model, const SentencePieceOptions& options, const std::string& name);

}  // namespace wan::text
