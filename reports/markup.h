// Finished HTML, SVG or XML. Text becomes markup only by being escaped, and elements only as a whole, so that no page can carry a stray tag
// or the tags of somebody's prompt.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wan::reports {

// Valid in text and in attributes of HTML and XML 1.0: the five special characters escaped; what XML forbids (control characters, invalid
// UTF-8) replaced by U+FFFD.
std::string escaped(std::string_view text);

std::string base64(std::string_view bytes);

using Attributes = std::vector<std::pair<std::string, std::string>>;

class Markup {
 public:
  Markup() = default;
  Markup(std::string_view text) : markup_(escaped(text)) {}
  Markup(const std::string& text) : Markup(std::string_view(text)) {}
  Markup(const char* text) : Markup(std::string_view(text)) {}
  // For constants of ours alone: style sheets, entities.
  static Markup trusted(std::string_view markup);

  Markup& operator+=(const Markup& other);
  friend Markup operator+(Markup left, const Markup& right) { return left += right; }
  bool empty() const { return markup_.empty(); }
  const std::string& str() const { return markup_; }

 private:
  std::string markup_;
};

Markup element(std::string_view tag, const Markup& content);
Markup element(std::string_view tag, const Attributes& attributes, const Markup& content);
// Elements that have no content: img, meta, br, SVG shapes without a title.
Markup empty_element(std::string_view tag, const Attributes& attributes);

}  // namespace wan::reports
