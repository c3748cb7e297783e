#include "engine/text/unigram.h"

#include <algorithm>
#include <string>

#include "engine/base/error.h"
#include "engine/text/normalizer.h"
#include "engine/text/unicode.h"

namespace wan::text {
namespace {

constexpr double kUnknownPenalty = 10;

std::vector<std::string> read_tokens(const io::JsonValue& config) {
  const std::string type = config.get("type", "Unigram");
  if (type != "Unigram") fail_unsupported(config, "the model '" + type + "'", "Unigram");
  const io::JsonValue vocab = config.at("vocab");
  if (!vocab.is_array() || vocab.size() == 0) throw UsageError(fmt::format("{}: expected a list of [token, score]", vocab.where()));
  std::vector<std::string> tokens;
  tokens.reserve(vocab.size());
  for (std::size_t i = 0; i < vocab.size(); ++i) tokens.push_back(vocab.at(i).at(std::size_t{0}).as_string());
  return tokens;
}

// The best way found so far to reach a position.
struct Arrival {
  double score = 0;
  std::size_t from = 0;
  std::int32_t id = -1;  // -1: not reached yet
};

void improve(Arrival& arrival, const Arrival& candidate) {
  if (arrival.id < 0 || candidate.score > arrival.score) arrival = candidate;  // a tie keeps the earlier one
}

}  // namespace

Unigram::Unigram(const io::JsonValue& config) : Unigram(read_tokens(config), config) {}

Unigram::Unigram(std::vector<std::string> tokens, const io::JsonValue& config) : trie_(tokens) {
  const io::JsonValue vocab = config.at("vocab");
  scores_.reserve(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) scores_.push_back(vocab.at(i).at(1).as_double());
  unknown_score_ = *std::ranges::min_element(scores_) - kUnknownPenalty;
  const std::int64_t unknown = config.at("unk_id").as_int();
  if (unknown < 0 || unknown >= size())
    throw UsageError(fmt::format("{}: expected an id below {}, found {}", config.at("unk_id").where(), size(), unknown));
  unknown_id_ = static_cast<std::int32_t>(unknown);
  if (!config.get("byte_fallback", false)) return;
  for (unsigned byte = 0; byte < 256; ++byte) byte_ids_.push_back(trie_.find(fmt::format("<0x{:02X}>", byte)));
}

std::optional<std::int64_t> Unigram::find(std::string_view token) const {
  const std::int32_t id = trie_.find(token);
  return id < 0 ? std::nullopt : std::optional<std::int64_t>(id);
}

void Unigram::append_id(std::string_view token, std::vector<std::int64_t>& ids) const {
  if (const auto id = find(token)) {
    ids.push_back(*id);
    return;
  }
  const auto byte_id = [&](char c) { return byte_ids_[static_cast<unsigned char>(c)]; };
  if (!byte_ids_.empty() && std::ranges::all_of(token, [&](char c) { return byte_id(c) >= 0; }))
    std::ranges::transform(token, std::back_inserter(ids), byte_id);
  else
    ids.push_back(unknown_id_);
}

void Unigram::encode(std::string_view piece, std::vector<std::int64_t>& ids) const {
  std::vector<Arrival> arrivals(piece.size() + 1);
  for (std::size_t at = 0; at < piece.size();) {
    const double score = arrivals[at].score;
    const std::size_t character = utf8_size(piece[at]);
    bool covered = false;
    trie_.for_each_prefix(piece.substr(at), [&](std::size_t length, std::int32_t id) {
      improve(arrivals[at + length], {score + scores_[static_cast<std::size_t>(id)], at, id});
      covered = covered || length == character;
    });
    if (!covered) improve(arrivals[at + character], {score + unknown_score_, at, unknown_id_});
    at += character;
  }

  // Walked back from the end; neighbouring unknowns become one token.
  std::vector<std::string_view> tokens;
  bool after_unknown = false;
  for (std::size_t end = piece.size(); end > 0; end = arrivals[end].from) {
    const Arrival& arrival = arrivals[end];
    const bool unknown = arrival.id == unknown_id_;
    if (unknown && after_unknown)
      tokens.back() = piece.substr(arrival.from, end + tokens.back().size() - arrival.from);
    else
      tokens.push_back(piece.substr(arrival.from, end - arrival.from));
    after_unknown = unknown;
  }
  for (auto token = tokens.rbegin(); token != tokens.rend(); ++token) append_id(*token, ids);
}

}  // namespace wan::text
