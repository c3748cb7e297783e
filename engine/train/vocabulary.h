// A tokenizer for the world's captions: a Unigram model (Kudo 2018) whose pieces are the words that the captions use, with their
// log-frequency, and single characters for every other text.
#pragma once

#include <cstdint>
#include <string>

namespace wan::train {

// The text of a tokenizer.json with the pre-tokenizer, template and special tokens of UMT5's. `captions` of the train split are counted;
// one count is the same file. Throws CheckError if the world's words are more than `vocabulary` ids.
std::string make_tokenizer_json(std::int64_t captions, std::int64_t vocabulary);

}  // namespace wan::train
