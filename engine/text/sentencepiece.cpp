#include "engine/text/sentencepiece.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/io/json.h"
#include "engine/io/protobuf.h"
#include "engine/text/unicode.h"

namespace wan::text {
namespace {

// Field numbers of sentencepiece_model.proto.
constexpr std::uint64_t kPieces = 1, kTrainer = 2, kNormalizer = 3;
constexpr std::uint64_t kPieceText = 1, kPieceScore = 2, kPieceType = 3;
constexpr std::uint64_t kModelType = 3, kUnknownId = 40, kCharacterMap = 2;
constexpr std::uint64_t kUnigram = 1;                                               // of kModelType
constexpr std::uint64_t kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4;  // of kPieceType

constexpr std::int64_t kMostExtraIds = 1 << 16;

struct Entry {
  std::string text;
  double score = 0;
  std::uint64_t type = kNormal;
};

struct Model {
  std::vector<Entry> entries = {};
  std::uint64_t type = kUnigram, unknown_id = 0;
  std::string character_map = {};  // bytes
};

Entry read_entry(const io::ProtobufField& message, const std::string& name) {
  Entry entry;
  io::ProtobufReader reader(message.bytes, name);
  while (const auto field = reader.next()) {
    if (field->id == kPieceText) entry.text = field->as_text();
    if (field->id == kPieceScore) entry.score = field->as_float();
    if (field->id == kPieceType) entry.type = field->as_number();
  }
  if (find_invalid_utf8(entry.text) != std::string::npos) throw UsageError(fmt::format("{}: is not UTF-8", name));
  if (!std::isfinite(entry.score)) throw UsageError(fmt::format("{}: its score is not finite", name));
  return entry;
}

Model read_model(std::span<const std::byte> bytes, const std::string& name) {
  Model model;
  io::ProtobufReader reader(bytes, name);
  while (const auto field = reader.next()) {
    if (field->id != kPieces && field->id != kTrainer && field->id != kNormalizer) continue;
    field->as_text();  // a message, not a number
    if (field->id == kPieces) {
      model.entries.push_back(read_entry(*field, fmt::format("{}: piece {}", name, model.entries.size())));
      continue;
    }
    io::ProtobufReader inner(field->bytes, field->where);
    while (const auto part = inner.next()) {
      if (field->id == kTrainer && part->id == kModelType) model.type = part->as_number();
      if (field->id == kTrainer && part->id == kUnknownId) model.unknown_id = part->as_number();
      if (field->id == kNormalizer && part->id == kCharacterMap) model.character_map = part->as_text();
    }
  }
  return model;
}

std::string encode_base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) out.push_back(i <= group.size() ? kAlphabet[bits >> (18 - 6 * i) & 63] : '=');
  }
  return out;
}

bool is_special(const Entry& entry) { return entry.type == kUnknown || entry.type == kControl || entry.type == kUserDefined; }

std::string vocabulary(const Model& model, std::vector<std::string>& added) {
  std::string out;
  for (std::size_t id = 0; id < model.entries.size(); ++id) {
    const Entry& entry = model.entries[id];
    out += fmt::format("{}[{},{}]", id == 0 ? "" : ",", io::quote_json(entry.text), entry.score);
    if (is_special(entry) && !entry.text.empty())
      added.push_back(fmt::format(R"({{"id":{},"content":{},"normalized":false,"special":true}})", id, io::quote_json(entry.text)));
  }
  return out;
}

}  // namespace

std::string tokenizer_json_of_sentencepiece(std::span<const std::byte> bytes, const SentencePieceOptions& options,
                                            const std::string& name) {
  Model model = read_model(bytes, name);
  if (model.type != kUnigram) throw UsageError(fmt::format("{}: model type {}, expected a Unigram model ({})", name, model.type, kUnigram));
  if (options.extra_ids < 0 || options.extra_ids > kMostExtraIds)
    throw UsageError(fmt::format("{}: {} extra tokens, expected at most {}", name, options.extra_ids, kMostExtraIds));
  const auto end = std::ranges::find(model.entries, "</s>", &Entry::text);
  if (end == model.entries.end()) throw UsageError(fmt::format("{}: has no piece </s>, which ends a prompt", name));
  const auto end_id = end - model.entries.begin();
  for (std::int64_t i = options.extra_ids; i-- > 0;)
    model.entries.push_back({.text = fmt::format("<extra_id_{}>", i), .type = kUserDefined});

  std::vector<std::string> added;
  const std::string vocab = vocabulary(model, added);
  const std::string map = model.character_map.empty()
                              ? ""
                              : fmt::format(R"({{"type":"Precompiled","precompiled_charsmap":"{}"}},)", encode_base64(model.character_map));
  // Byte pieces become plain entries: the converter of T5 tokenizers never turns byte fallback on, and its ids are those of the references.
  return fmt::format(
      R"({{"added_tokens":[{}],
"normalizer":{{"type":"Sequence","normalizers":[{}{{"type":"Strip","strip_left":false,"strip_right":true}},
{{"type":"Replace","pattern":{{"Regex":" {{2,}}"}},"content":"▁"}}]}},
"pre_tokenizer":{{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}},
"post_processor":{{"type":"TemplateProcessing","single":[{{"Sequence":{{"id":"A"}}}},{{"SpecialToken":{{"id":"</s>"}}}}],
"special_tokens":{{"</s>":{{"ids":[{}]}}}}}},
"model":{{"type":"Unigram","unk_id":{},"byte_fallback":false,"vocab":[{}]}}}})",
      fmt::join(added, ","), map, end_id, model.unknown_id, vocab);
}

}  // namespace wan::text
