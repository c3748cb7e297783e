#include "tests/support/reports/well_formed.h"

#include <fmt/format.h>

#include <cctype>

namespace wan::reports::testing {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view markup) : rest_(markup) {}

  Document read() {
    skip_prologue();
    while (!rest_.empty() && document_.error.empty()) {
      if (rest_.starts_with("</")) {
        close();
      } else if (rest_.starts_with("<")) {
        open();
      } else {
        text();
      }
    }
    if (document_.error.empty() && !open_.empty()) fail("not closed: " + document_.elements[open_.back()].name);
    if (document_.error.empty() && document_.elements.empty()) fail("no element");
    return std::move(document_);
  }

 private:
  void fail(const std::string& what) {
    if (document_.error.empty()) document_.error = fmt::format("{}, before: {}", what, rest_.substr(0, 60));
  }

  void skip_prologue() {
    for (const std::string_view start : {"<?xml", "<!DOCTYPE html"})
      if (rest_.starts_with(start)) rest_.remove_prefix(rest_.find('>') + 1);
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_.front()))) rest_.remove_prefix(1);
  }

  static bool name_letter(char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) || letter == '-' || letter == ':' || letter == '_';
  }

  std::string name() {
    std::size_t length = 0;
    while (length < rest_.size() && name_letter(rest_[length])) ++length;
    if (length == 0) fail("a name was expected");
    const std::string result(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return result;
  }

  bool take(std::string_view what) {
    if (!rest_.starts_with(what)) return false;
    rest_.remove_prefix(what.size());
    return true;
  }

  void expect(std::string_view what) {
    if (!take(what)) fail(fmt::format("'{}' was expected", what));
  }

  std::string resolved(std::string_view raw) {
    static const std::map<std::string, std::string, std::less<>> kEntities{
        {"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"#39", "'"}};
    std::string out;
    for (std::size_t at = 0; at < raw.size(); ++at) {
      if (raw[at] != '&') {
        out += raw[at];
        continue;
      }
      const std::size_t end = raw.find(';', at);
      const auto found = end == std::string_view::npos ? kEntities.end() : kEntities.find(raw.substr(at + 1, end - at - 1));
      if (found == kEntities.end()) {
        fail("a bare ampersand or unknown entity");
        return out;
      }
      out += found->second;
      at = end;
    }
    return out;
  }

  void attributes(Element& element) {
    while (document_.error.empty() && take(" ")) {
      const std::string key = name();
      expect("=\"");
      const std::size_t end = rest_.find('"');
      if (end == std::string_view::npos) return fail("an attribute is not closed");
      const std::string_view raw = rest_.substr(0, end);
      if (raw.find('<') != std::string_view::npos) return fail("'<' in an attribute");
      if (!element.attributes.emplace(key, resolved(raw)).second) return fail("attribute twice: " + key);
      rest_.remove_prefix(end + 1);
    }
  }

  void open() {
    expect("<");
    Element element{.name = name()};
    attributes(element);
    const bool empty = take("/");
    expect(">");
    if (document_.elements.size() > 0 && open_.empty()) return fail("a second root");
    const std::string tag = element.name;
    if (!open_.empty()) document_.elements[open_.back()].children.push_back(document_.elements.size());
    document_.elements.push_back(std::move(element));
    if (empty) return;
    open_.push_back(document_.elements.size() - 1);
    if (tag == "style" || tag == "script") rest_.remove_prefix(std::min(rest_.size(), rest_.find("</" + tag + ">")));
  }

  void close() {
    expect("</");
    const std::string tag = name();
    expect(">");
    if (open_.empty() || document_.elements[open_.back()].name != tag) return fail("does not close what is open: " + tag);
    open_.pop_back();
  }

  void text() {
    const std::string_view raw = rest_.substr(0, rest_.find('<'));
    if (raw.find('>') != std::string_view::npos) return fail("'>' in text");
    const std::string found = resolved(raw);
    if (open_.empty() && found.find_first_not_of(" \r\n\t") != std::string::npos) return fail("text outside the root");
    for (const std::size_t index : open_) document_.elements[index].text += found;
    rest_.remove_prefix(raw.size());
  }

  std::string_view rest_;
  std::vector<std::size_t> open_;
  Document document_;
};

}  // namespace

std::vector<const Element*> Document::all(std::string_view name) const {
  std::vector<const Element*> found;
  for (const auto& element : elements)
    if (element.name == name) found.push_back(&element);
  return found;
}

std::vector<const Element*> Document::with_class(std::string_view style) const {
  std::vector<const Element*> found;
  for (const auto& element : elements) {
    const auto attribute = element.attributes.find("class");
    if (attribute == element.attributes.end()) continue;
    if ((" " + attribute->second + " ").find(" " + std::string(style) + " ") != std::string::npos) found.push_back(&element);
  }
  return found;
}

Document parse_markup(std::string_view markup) { return Reader(markup).read(); }

}  // namespace wan::reports::testing
