#include "harness/plan/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace wan::plan {

Node Node::table(const Place& place) {
  Node node;
  node.place = place;
  return node;
}

Node Node::raw(std::string text, const Place& place) {
  Node node = table(place);
  node.kind = Kind::raw;
  node.text = std::move(text);
  return node;
}

const Member* Node::find(std::string_view key) const {
  for (const Member& member : members)
    if (member.key == key) return &member;
  return nullptr;
}

std::string describe_value(const Node& node) {
  switch (node.kind) {
    case Node::Kind::boolean:
      return node.boolean ? "true" : "false";
    case Node::Kind::integer:
      return fmt::format("{}", node.integer);
    case Node::Kind::number:
      return fmt::format("{}", node.number);
    case Node::Kind::text:
    case Node::Kind::raw:
      return fmt::format("'{}'", node.text);
    case Node::Kind::list:
      return "a list";
    case Node::Kind::table:
      return "a table";
    case Node::Kind::date:
      return "a date or time";
  }
  return "?";
}

Node read_document(const std::filesystem::path& path, Faults& faults) {
  const Place whole{.source = path.string()};
  std::error_code status;
  if (std::filesystem::is_directory(path, status)) {
    faults.add(whole, "is a folder, not a TOML file");
    return Node::table(whole);
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    faults.add(whole, fmt::format("cannot be read: {}", std::strerror(errno)));
    return Node::table(whole);
  }
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return parse_document(text, whole.source, faults);
}

Node assignment_document(const std::string& key, const std::string& value, const std::string& origin) {
  const Place place{.source = origin};
  Node node = Node::raw(value, place);
  // Trees are destroyed by recursion; a key this deep is unknown anyway.
  if (std::count(key.begin(), key.end(), '.') > 16) {
    Node table = Node::table(place);
    table.members.push_back({key, place, std::move(node)});
    return table;
  }
  std::size_t end = key.size();
  while (true) {
    const std::size_t dot = end == 0 ? std::string::npos : key.rfind('.', end - 1);
    const std::size_t begin = dot == std::string::npos ? 0 : dot + 1;
    Node table = Node::table(place);
    table.members.push_back({key.substr(begin, end - begin), place, std::move(node)});
    node = std::move(table);
    if (dot == std::string::npos) return node;
    end = dot;
  }
}

}  // namespace wan::plan
