#include "harness/plan/filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/base/error.h"

namespace wan::plan {

struct Filter::Term {
  enum class Kind { word, negation, both, either } kind = Kind::word;
  std::string word = {};
  std::vector<Term> parts = {};
};

namespace {

using Term = Filter::Term;

// Deeper nesting than any person writes; bounds the recursion.
constexpr int kMaxDepth = 100;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

bool is_number(const std::string& word) {
  return std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

class Parser {
 public:
  explicit Parser(const std::string& text) : text_(lower(text)) { advance(); }

  Term parse() {
    Term term = disjunction(0);
    if (!token_.empty()) fail(fmt::format("expected 'and', 'or' or the end, got '{}'", token_));
    return term;
  }

 private:
  Term disjunction(int depth) {
    return chain(Term::Kind::either, "or", depth, [&] { return conjunction(depth); });
  }
  Term conjunction(int depth) {
    return chain(Term::Kind::both, "and", depth, [&] { return operand(depth); });
  }

  template <typename Part>
  Term chain(Term::Kind kind, const char* joiner, int depth, const Part& part) {
    if (depth > kMaxDepth) fail("nested too deeply");
    Term first = part();
    if (token_ != joiner) return first;
    Term all{.kind = kind};
    all.parts.push_back(std::move(first));
    while (token_ == joiner) {
      advance();
      all.parts.push_back(part());
    }
    return all;
  }

  Term operand(int depth) {
    bool negated = false;
    for (; token_ == "not"; advance()) negated = !negated;
    Term term;
    if (token_ == "(") {
      advance();
      term = disjunction(depth + 1);
      if (token_ != ")") fail(token_.empty() ? "a ')' is missing" : fmt::format("expected ')', got '{}'", token_));
    } else if (token_.empty() || token_ == ")" || token_ == "and" || token_ == "or") {
      fail(token_.empty() ? "a word is missing at the end" : fmt::format("expected a word, got '{}'", token_));
    } else {
      term.word = token_;
    }
    advance();
    if (!negated) return term;
    Term negation{.kind = Term::Kind::negation};
    negation.parts.push_back(std::move(term));
    return negation;
  }

  void advance() {
    next_ = std::min(text_.find_first_not_of(" \t", next_), text_.size());
    begin_ = next_;
    if (next_ == text_.size()) {
      token_.clear();
      return;
    }
    next_ = text_[next_] == '(' || text_[next_] == ')' ? next_ + 1 : std::min(text_.find_first_of(" \t()", next_), text_.size());
    token_ = text_.substr(begin_, next_ - begin_);
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw UsageError(fmt::format("filter '{}', column {}: {}", text_, begin_ + 1, what));
  }

  std::string text_, token_;
  std::size_t begin_ = 0, next_ = 0;
};

bool matches_term(const Term& term, const Subject& subject) {
  const auto matches_part = [&](const Term& part) { return matches_term(part, subject); };
  switch (term.kind) {
    case Term::Kind::negation:
      return !matches_part(term.parts.front());
    case Term::Kind::both:
      return std::all_of(term.parts.begin(), term.parts.end(), matches_part);
    case Term::Kind::either:
      return std::any_of(term.parts.begin(), term.parts.end(), matches_part);
    case Term::Kind::word:
      break;
  }
  if (is_number(term.word)) return term.word == std::to_string(subject.seed);
  const std::string* texts[] = {&subject.configuration, &subject.prompt, &subject.category};
  return std::any_of(std::begin(texts), std::end(texts),
                     [&](const std::string* text) { return lower(*text).find(term.word) != std::string::npos; });
}

}  // namespace

Filter::Filter(const std::string& text) {
  if (text.find_first_not_of(" \t") != std::string::npos) root_ = std::make_shared<const Term>(Parser(text).parse());
}

bool Filter::matches(const Subject& subject) const { return !root_ || matches_term(*root_, subject); }

}  // namespace wan::plan
