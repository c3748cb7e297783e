// The `added_tokens` of a tokenizer.json: special words that are found in the text before the model sees it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/json.h"
#include "engine/text/byte_trie.h"

namespace wan::text {

struct AddedToken {
  std::string content = {};
  std::int64_t id = 0;
  bool single_word = false;  // counts only where no letter stands beside it
  bool strip_left = false;   // takes the white space before it
  bool strip_right = false;
  bool normalized = false;  // is looked for in the normalised text
};

// The list, checked. Throws UsageError; an absent list is empty.
std::vector<AddedToken> read_added_tokens(const io::JsonValue& tokenizer);

// A stretch of text between tokens, or a token.
struct Segment {
  std::string text;
  std::optional<std::int64_t> id;
  bool starts_text = false;  // nothing of the prompt stands before it
};

// Finds the leftmost, of these the longest.
class AddedTokenFinder {
 public:
  explicit AddedTokenFinder(std::vector<AddedToken> tokens);
  std::vector<Segment> split(const Segment& segment) const;

 private:
  struct Match {
    std::size_t begin, end;
    std::int64_t id;
  };
  std::optional<Match> match_at(std::string_view text, std::size_t at, std::size_t taken) const;
  std::vector<AddedToken> tokens_;
  ByteTrie trie_;
};

}  // namespace wan::text
