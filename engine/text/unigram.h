// The Unigram model of a tokenizer.json: the division of a piece into vocabulary entries with the highest sum of scores.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/io/json.h"
#include "engine/text/byte_trie.h"

namespace wan::text {

class Unigram {
 public:
  // `config` is the file's `model`. Throws UsageError naming what is wrong with it.
  explicit Unigram(const io::JsonValue& config);

  std::int64_t size() const { return static_cast<std::int64_t>(scores_.size()); }
  std::optional<std::int64_t> find(std::string_view token) const;

  // Appends the ids of one piece (valid UTF-8). Characters that no entry covers are one unknown token, or their bytes.
  void encode(std::string_view piece, std::vector<std::int64_t>& ids) const;

 private:
  Unigram(std::vector<std::string> tokens, const io::JsonValue& config);
  void append_id(std::string_view token, std::vector<std::int64_t>& ids) const;
  ByteTrie trie_;
  std::vector<double> scores_;
  double unknown_score_ = 0;
  std::int32_t unknown_id_ = 0;
  std::vector<std::int32_t> byte_ids_;  // of <0x00> to <0xFF>, -1 where absent; empty: no byte fallback
};

}  // namespace wan::text
