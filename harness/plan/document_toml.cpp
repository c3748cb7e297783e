#include <toml++/toml.h>

#include <algorithm>
#include <tuple>

#include "harness/plan/document.h"

namespace wan::plan {
namespace {

Place place_of(const toml::source_region& region, const std::string& source) {
  return {source, static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
}

// toml++ bounds the nesting of values (256) but not that of dotted keys, and destroys what it parsed by recursion. No file of ours needs
// more than two parts in a key.
constexpr int kMaxKeyParts = 16;

// The end of the string that begins at `begin`, whose quote is single or triple.
std::size_t string_end(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  const std::string_view triple = quote == '"' ? "\"\"\"" : "'''";
  const std::size_t length = text.substr(begin, 3) == triple ? 3 : 1;
  for (std::size_t at = begin + length; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"')
      ++at;
    else if (text.substr(at, length) == triple.substr(0, length))
      return at + length;
    else if (text[at] == '\n' && length == 1)
      return at;
  }
  return text.size();
}

// The line of the first key with too many parts; 0 if there is none.
int line_of_deep_key(std::string_view text) {
  int line = 1, dots = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"' || c == '\'' || c == '#') {
      const std::size_t end = c == '#' ? std::min(text.find('\n', at), text.size()) : string_end(text, at);
      line += static_cast<int>(
          std::count(text.begin() + static_cast<std::ptrdiff_t>(at), text.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
      at = end;
      continue;
    }
    if (c == '.' && ++dots >= kMaxKeyParts) return line;
    if (std::string_view("\n=,[]{}").find(c) != std::string_view::npos) dots = 0;
    line += c == '\n';
    ++at;
  }
  return 0;
}

Node convert(const toml::node& from, const std::string& source) {
  Node node = Node::table(place_of(from.source(), source));
  if (const auto* table = from.as_table()) {
    node.kind = Node::Kind::table;
    for (const auto& [key, value] : *table)
      node.members.push_back({std::string(key.str()), place_of(key.source(), source), convert(value, source)});
    // toml++ sorts by name; people read files from the top.
    std::stable_sort(node.members.begin(), node.members.end(), [](const Member& a, const Member& b) {
      return std::tuple(a.place.line, a.place.column) < std::tuple(b.place.line, b.place.column);
    });
  } else if (const auto* list = from.as_array()) {
    node.kind = Node::Kind::list;
    for (const toml::node& item : *list) node.items.push_back(convert(item, source));
  } else if (const auto* boolean = from.as_boolean()) {
    node.kind = Node::Kind::boolean;
    node.boolean = boolean->get();
  } else if (const auto* integer = from.as_integer()) {
    node.kind = Node::Kind::integer;
    node.integer = integer->get();
  } else if (const auto* number = from.as_floating_point()) {
    node.kind = Node::Kind::number;
    node.number = number->get();
  } else if (const auto* text = from.as_string()) {
    node.kind = Node::Kind::text;
    node.text = text->get();
  } else {
    node.kind = Node::Kind::date;
  }
  return node;
}

}  // namespace

Node parse_document(std::string_view text, const std::string& source, Faults& faults) {
  if (const int line = line_of_deep_key(text); line > 0) {
    faults.add({source, line, 1}, "a key has too many parts");
    return Node::table({.source = source});
  }
  try {
    return convert(toml::parse(text), source);
  } catch (const toml::parse_error& error) {
    faults.add(place_of(error.source(), source), std::string(error.description()));
    return Node::table({.source = source});
  }
}

}  // namespace wan::plan
