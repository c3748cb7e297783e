#include "engine/text/pre_tokenizer.h"

#include <algorithm>
#include <string_view>

#include "engine/base/error.h"
#include "engine/text/normalizer.h"
#include "engine/text/unicode.h"

namespace wan::text {
namespace {

enum class Prepend { always, first, never };

struct Metaspace {
  std::string mark;  // stands for a space
  Prepend prepend = Prepend::always;
  bool split = true;
};

Metaspace parse_metaspace(const io::JsonValue& config) {
  Metaspace metaspace{.mark = config.at("replacement").as_string(), .split = config.get("split", true)};
  if (metaspace.mark.empty()) fail_unsupported(config.at("replacement"), "an empty replacement", "one character");
  const std::string scheme = config.get("prepend_scheme", "always");
  if (scheme != "always" && scheme != "first" && scheme != "never")
    fail_unsupported(config.at("prepend_scheme"), "'" + scheme + "'", "always, first or never");
  metaspace.prepend = scheme == "always" ? Prepend::always : scheme == "first" ? Prepend::first : Prepend::never;
  // The older form of the same choice; a file that has both must say the same in both.
  if (!config.get("add_prefix_space", true)) {
    if (config.has("prepend_scheme") && scheme != "never")
      fail_unsupported(config, "add_prefix_space false with prepend_scheme '" + scheme + "'", "never");
    metaspace.prepend = Prepend::never;
  }
  return metaspace;
}

std::string with_marks(const Piece& piece, const Metaspace& metaspace) {
  std::string text;
  for (char c : piece.text)
    if (c == ' ')
      text += metaspace.mark;
    else
      text.push_back(c);
  const bool wanted = metaspace.prepend == Prepend::always || (metaspace.prepend == Prepend::first && piece.starts_text);
  if (wanted && !text.empty() && !text.starts_with(metaspace.mark)) text.insert(0, metaspace.mark);
  return text;
}

// Each mark begins a piece.
void cut_before_marks(std::string_view text, bool starts_text, const std::string& mark, std::vector<Piece>& out) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(mark, begin == 0 && !text.starts_with(mark) ? 0 : begin + mark.size()), text.size());
    out.push_back({std::string(text.substr(begin, end - begin)), starts_text && begin == 0});
    begin = end;
  }
}

std::vector<Piece> apply_metaspace(const std::vector<Piece>& pieces, const Metaspace& metaspace) {
  std::vector<Piece> out;
  for (const Piece& piece : pieces) {
    std::string text = with_marks(piece, metaspace);
    if (metaspace.split)
      cut_before_marks(text, piece.starts_text, metaspace.mark, out);
    else if (!text.empty())
      out.push_back({std::move(text), piece.starts_text});
  }
  return out;
}

std::vector<Piece> split_at_white_space(const std::vector<Piece>& pieces) {
  std::vector<Piece> out;
  for (const Piece& piece : pieces) {
    Piece word{{}, piece.starts_text};
    for (std::size_t at = 0; at < piece.text.size();) {
      const auto character = std::string_view(piece.text).substr(at, utf8_size(piece.text[at]));
      at += character.size();
      if (!is_white_space(decode_utf8(character)[0])) {
        word.text += character;
        continue;
      }
      if (!word.text.empty()) out.push_back(std::move(word));
      word = Piece{};
    }
    if (!word.text.empty()) out.push_back(std::move(word));
  }
  return out;
}

constexpr int kDeepest = 8;

PreTokenizer make_step(const io::JsonValue& config, int depth) {
  const std::string type = config.at("type").as_string();
  if (type == "Metaspace") {
    const Metaspace metaspace = parse_metaspace(config);
    return [metaspace](const std::vector<Piece>& pieces) { return apply_metaspace(pieces, metaspace); };
  }
  if (type == "WhitespaceSplit") return split_at_white_space;
  if (type != "Sequence") fail_unsupported(config, "the pre-tokenizer '" + type + "'", "Sequence, Metaspace or WhitespaceSplit");
  if (depth >= kDeepest) fail_unsupported(config, "a chain this deep", fmt::format("at most {} within each other", kDeepest));
  const io::JsonValue steps = config.at("pretokenizers");
  std::vector<PreTokenizer> chain;
  for (std::size_t i = 0; i < steps.size(); ++i) chain.push_back(make_step(steps.at(i), depth + 1));
  return [chain](std::vector<Piece> pieces) {
    for (const auto& step : chain) pieces = step(std::move(pieces));
    return pieces;
  };
}

}  // namespace

PreTokenizer make_pre_tokenizer(const io::JsonValue& config) {
  if (config.is_null()) {
    return [](std::vector<Piece> pieces) {
      std::erase_if(pieces, [](const Piece& piece) { return piece.text.empty(); });
      return pieces;
    };
  }
  return make_step(config, 0);
}

}  // namespace wan::text
