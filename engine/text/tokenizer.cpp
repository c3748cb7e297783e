#include "engine/text/tokenizer.h"

#include <algorithm>
#include <utility>

#include "engine/base/error.h"
#include "engine/io/mapped_file.h"
#include "engine/text/added_tokens.h"
#include "engine/text/normalizer.h"
#include "engine/text/pre_tokenizer.h"
#include "engine/text/unicode.h"
#include "engine/text/unigram.h"

namespace wan::text {
namespace {

using Ids = std::vector<std::int64_t>;

// What the post-processor puts around one prompt.
struct Frame {
  Ids before, after;
};

Ids special_ids(const io::JsonValue& config, const std::string& token) {
  const io::JsonValue specials = config.at("special_tokens");
  return specials.at(token).at("ids").as_ints();
}

Frame read_frame(const io::JsonValue& config) {
  Frame frame;
  if (config.is_null()) return frame;
  const std::string type = config.at("type").as_string();
  if (type != "TemplateProcessing") fail_unsupported(config, "the post-processor '" + type + "'", "TemplateProcessing");
  const io::JsonValue single = config.at("single");
  bool seen = false;
  for (std::size_t i = 0; i < single.size(); ++i) {
    const io::JsonValue item = single.at(i);
    if (item.has("Sequence")) {
      if (std::exchange(seen, true)) fail_unsupported(item, "a second sequence", "the prompt once");
    } else {
      const Ids ids = special_ids(config, item.at("SpecialToken").at("id").as_string());
      Ids& side = seen ? frame.after : frame.before;
      side.insert(side.end(), ids.begin(), ids.end());
    }
  }
  if (!seen) fail_unsupported(single, "a template without the prompt", "the prompt once");
  return frame;
}

// A member that may be absent; JsonValue has no null of its own to hand out.
io::JsonValue member(const io::JsonValue& document, const std::string& key) {
  return document.has(key) ? document.at(key) : io::JsonValue::parse("null", document.where());
}

// The tokens to look for in normalised or in raw text. One that the vocabulary has keeps the vocabulary's id.
AddedTokenFinder make_finder(const io::JsonValue& document, const Unigram& model, bool normalized, const Normalizer& normalizer) {
  std::vector<AddedToken> tokens;
  for (AddedToken token : read_added_tokens(document)) {
    if (token.normalized != normalized) continue;
    token.id = model.find(token.content).value_or(token.id);
    if (normalized) token.content = normalizer(token.content);
    tokens.push_back(std::move(token));
  }
  return AddedTokenFinder(std::move(tokens));
}

}  // namespace

std::string TokenizedPrompt::warning() const {
  if (!truncated()) return {};
  return fmt::format("the prompt has {} tokens, the text encoder takes {}: the end is cut off", prompt_tokens, length);
}

struct Tokenizer::Impl {
  explicit Impl(const io::JsonValue& document)
      : model(document.at("model")),
        normalizer(make_normalizer(member(document, "normalizer"))),
        pre_tokenizer(make_pre_tokenizer(member(document, "pre_tokenizer"))),
        frame(read_frame(member(document, "post_processor"))),
        raw_tokens(make_finder(document, model, false, normalizer)),
        normalized_tokens(make_finder(document, model, true, normalizer)) {}

  Unigram model;
  Normalizer normalizer;
  PreTokenizer pre_tokenizer;
  Frame frame;
  AddedTokenFinder raw_tokens;
  AddedTokenFinder normalized_tokens;
};

Tokenizer::Tokenizer(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;

Tokenizer Tokenizer::parse(const io::JsonValue& document) { return Tokenizer(std::make_unique<const Impl>(document)); }

Tokenizer Tokenizer::parse_sentencepiece(std::span<const std::byte> model, const SentencePieceOptions& options, const std::string& name) {
  return parse(io::JsonValue::parse(tokenizer_json_of_sentencepiece(model, options, name), name + " as tokenizer.json"));
}

Tokenizer Tokenizer::load(const std::filesystem::path& folder) {
  if (const auto file = folder / "tokenizer.json"; std::filesystem::exists(file)) return parse(io::JsonValue::read(file));
  const auto model = folder / "spiece.model", config = folder / "tokenizer_config.json";
  if (!std::filesystem::exists(model)) throw UsageError(fmt::format("{}: holds neither tokenizer.json nor spiece.model", folder.string()));
  SentencePieceOptions options;
  if (std::filesystem::exists(config)) options.extra_ids = io::JsonValue::read(config).get("extra_ids", options.extra_ids);
  return parse_sentencepiece(io::map_file(model).bytes, options, model.string());
}

std::vector<std::int64_t> Tokenizer::tokens(std::string_view text) const {
  WAN_CHECK(find_invalid_utf8(text) == std::string_view::npos, "expected valid UTF-8");
  Ids ids;
  for (const Segment& raw : impl_->raw_tokens.split({std::string(text), std::nullopt, true})) {
    if (raw.id) {
      ids.push_back(*raw.id);
      continue;
    }
    for (Segment& segment : impl_->normalized_tokens.split({impl_->normalizer(raw.text), std::nullopt, raw.starts_text})) {
      if (segment.id) {
        ids.push_back(*segment.id);
        continue;
      }
      for (const Piece& piece : impl_->pre_tokenizer({Piece{std::move(segment.text), segment.starts_text}}))
        impl_->model.encode(piece.text, ids);
    }
  }
  return ids;
}

TokenizedPrompt Tokenizer::encode(std::string_view text, std::int64_t length) const {
  const auto& [before, after] = impl_->frame;
  const auto frame = static_cast<std::int64_t>(before.size() + after.size());
  WAN_CHECK(length > frame, "a length of {} leaves no room for a prompt", length);
  const Ids all = tokens(text);
  const auto count = static_cast<std::int64_t>(all.size());
  const std::int64_t kept = std::min(count, length - frame);

  TokenizedPrompt out{.input_ids = before, .prompt_tokens = count + frame};
  out.length = kept + frame;
  out.input_ids.insert(out.input_ids.end(), all.begin(), all.begin() + kept);
  out.input_ids.insert(out.input_ids.end(), after.begin(), after.end());
  out.input_ids.resize(static_cast<std::size_t>(length), 0);
  out.attention_mask.assign(static_cast<std::size_t>(out.length), 1);
  out.attention_mask.resize(static_cast<std::size_t>(length), 0);
  return out;
}

}  // namespace wan::text
