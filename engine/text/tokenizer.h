// Prompt to token ids, as the checkpoint's `tokenizer.json` says, or `spiece.model` where that alone is there: special tokens, normalizer,
// pre-tokenizer, Unigram model, template. Loaded once, then const: any thread may encode.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/json.h"
#include "engine/text/sentencepiece.h"

namespace wan::text {

struct TokenizedPrompt {
  std::vector<std::int64_t> input_ids = {};       // padded with 0 to the length asked for
  std::vector<std::int64_t> attention_mask = {};  // 1 for the prompt and its end, 0 for padding
  std::int64_t length = 0;                        // ones in the mask
  std::int64_t prompt_tokens = 0;                 // of the whole prompt with its end, before anything was cut off
  bool truncated() const { return prompt_tokens > length; }
  std::string warning() const;  // one sentence if something was cut off, else empty
};

class Tokenizer {
 public:
  // `folder` holds tokenizer.json or spiece.model. Throws UsageError naming the file and the component that is missing, wrong or not
  // supported.
  static Tokenizer load(const std::filesystem::path& folder);
  static Tokenizer parse(const io::JsonValue& document);
  // The bytes of a spiece.model; `name` stands for the path in messages.
  static Tokenizer parse_sentencepiece(std::span<const std::byte> model, const SentencePieceOptions& options, const std::string& name);
  ~Tokenizer();
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;

  // `text` is a cleaned prompt (clean.h), valid UTF-8. Cut to `length` tokens including those that the template adds, then padded.
  TokenizedPrompt encode(std::string_view text, std::int64_t length) const;

  // Without template, padding and cut.
  std::vector<std::int64_t> tokens(std::string_view text) const;

 private:
  struct Impl;
  explicit Tokenizer(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace wan::text
