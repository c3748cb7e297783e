// The precompiled character map of SentencePiece models: a double-array trie from byte strings to offsets in a pool of replacement texts.
// Applied as `tokenizer.json` means it: a short grapheme cluster is replaced as a whole, else its characters one by one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wan::text {

class CharacterMap {
 public:
  // `base64` is the field `precompiled_charsmap`; `where` names it in the UsageError for bytes that are no such map.
  CharacterMap(std::string_view base64, const std::string& where);

  std::string apply(std::string_view text) const;

 private:
  // The replacement for the shortest key that `chunk` starts with.
  std::optional<std::string_view> replacement(std::string_view chunk) const;
  std::vector<std::uint32_t> units_;
  std::string pool_;  // texts, each ended by a zero byte
};

}  // namespace wan::text
