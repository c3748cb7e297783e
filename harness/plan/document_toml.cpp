#include <toml++/toml.h>

#include <algorithm>
#include <tuple>

#include "harness/plan/document.h"

namespace wan::plan {
namespace {

Place place_of(const toml::source_region& region, const std::string& source) {
  return {source, static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
}

// Recursion is bounded: toml++ refuses values nested deeper than 256.
Node convert(const toml::node& from, const std::string& source) {
  Node node{.place = place_of(from.source(), source)};
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
  try {
    return convert(toml::parse(text), source);
  } catch (const toml::parse_error& error) {
    faults.add(place_of(error.source(), source), std::string(error.description()));
    return Node{.place = {.source = source}};
  }
}

}  // namespace wan::plan
