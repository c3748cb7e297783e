#include "engine/train/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "engine/base/error.h"
#include "engine/io/json.h"
#include "engine/train/world/caption.h"

namespace wan::train {
namespace {

constexpr const char* kWordStart = "\u2581";  // SentencePiece's mark of a space

// Words with the mark in front; punctuation for itself.
std::map<std::string, double> count_pieces(std::int64_t captions) {
  std::map<std::string, double> counts;
  for (std::int64_t i = 0; i < captions; ++i) {
    const auto seed = static_cast<std::uint64_t>(i);
    std::string word;
    const auto finish = [&] {
      if (!word.empty()) ++counts[kWordStart + word];
      word.clear();
    };
    for (const char c : world::describe(world::draw_scene(seed, world::Split::train), seed)) {
      if (c == ' ') {
        finish();
      } else if (c == ',' || c == '.') {
        finish();
        ++counts[std::string(1, c)];
      } else {
        word += c;
      }
    }
    finish();
  }
  return counts;
}

}  // namespace

std::string make_tokenizer_json(std::int64_t captions, std::int64_t vocabulary) {
  const auto counts = count_pieces(captions);
  double total = 0;
  for (const auto& [piece, count] : counts) total += count;
  std::vector<std::pair<std::string, double>> pieces;
  for (const auto& [piece, count] : counts) pieces.emplace_back(piece, std::log(count / total));
  // Any word of the lexicon wins over its letters, whose score is that of one in a hundred times the corpus.
  const double letter = std::log(0.01 / total);
  std::vector<std::string> letters = {kWordStart};
  for (char c = '!'; c <= '~'; ++c) letters.emplace_back(1, c);
  for (const auto& one : letters)
    if (!counts.contains(one)) pieces.emplace_back(one, letter);
  std::stable_sort(pieces.begin(), pieces.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  const char* const specials[] = {"<pad>", "</s>", "<s>", "<unk>"};
  WAN_CHECK(static_cast<std::int64_t>(pieces.size() + std::size(specials)) <= vocabulary, "{} pieces do not fit a vocabulary of {}",
            pieces.size() + std::size(specials), vocabulary);

  std::string added, vocab;
  for (std::size_t id = 0; id < std::size(specials); ++id) {
    added += fmt::format(
        "{}\n    {{\"id\": {}, \"content\": \"{}\", \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false, "
        "\"special\": true}}",
        id == 0 ? "" : ",", id, specials[id]);
    vocab += fmt::format("{}\n      [\"{}\", 0.0]", id == 0 ? "" : ",", specials[id]);
  }
  for (const auto& [piece, score] : pieces) vocab += fmt::format(",\n      [{}, {:.6f}]", io::quote_json(piece), score);
  return fmt::format(
      R"({{
  "version": "1.0",
  "truncation": null,
  "padding": null,
  "added_tokens": [{}
  ],
  "normalizer": {{"type": "Sequence", "normalizers": [
    {{"type": "Strip", "strip_left": false, "strip_right": true}},
    {{"type": "Replace", "pattern": {{"Regex": " {{2,}}"}}, "content": "{}"}}
  ]}},
  "pre_tokenizer": {{"type": "Metaspace", "replacement": "{}", "prepend_scheme": "always", "split": true}},
  "post_processor": {{
    "type": "TemplateProcessing",
    "single": [{{"Sequence": {{"id": "A", "type_id": 0}}}}, {{"SpecialToken": {{"id": "</s>", "type_id": 0}}}}],
    "pair": [
      {{"Sequence": {{"id": "A", "type_id": 0}}}}, {{"SpecialToken": {{"id": "</s>", "type_id": 0}}}},
      {{"Sequence": {{"id": "B", "type_id": 0}}}}, {{"SpecialToken": {{"id": "</s>", "type_id": 0}}}}
    ],
    "special_tokens": {{"</s>": {{"id": "</s>", "ids": [1], "tokens": ["</s>"]}}}}
  }},
  "decoder": null,
  "model": {{
    "type": "Unigram",
    "unk_id": 3,
    "vocab": [{}
    ],
    "byte_fallback": false
  }}
}}
)",
      added, kWordStart, kWordStart, vocab);
}

}  // namespace wan::train
