// The `pre_tokenizer` of a tokenizer.json: cuts normalised text into the pieces that the model sees one by one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/io/json.h"

namespace wan::text {

struct Piece {
  std::string text;
  bool starts_text = false;  // nothing of the prompt stands before it
};

using PreTokenizer = std::function<std::vector<Piece>(std::vector<Piece>)>;

// `config` is the file's `pre_tokenizer`, null for none. Empty pieces are dropped. Throws UsageError for a type that is not supported.
PreTokenizer make_pre_tokenizer(const io::JsonValue& config);

}  // namespace wan::text
