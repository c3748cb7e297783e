// A parsed config as plain values with positions, so that the readers of tiers, suites and settings need no TOML library: one source file
// speaks to it. An assignment of the command line becomes the same tree, with `raw` leaves that are read as whatever the field wants.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/plan/fault.h"

namespace wan::plan {

struct Member;

struct Node {
  enum class Kind { boolean, integer, number, text, list, table, date, raw };
  Kind kind = Kind::table;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0;
  std::string text = {};         // of text and raw
  std::vector<Node> items = {};  // of a list
  std::vector<Member> members;   // of a table, in the order of the file
  Place place = {};

  static Node table(const Place& place);
  static Node raw(std::string text, const Place& place);

  const Member* find(std::string_view key) const;  // nullptr if absent
};

struct Member {
  std::string key;
  Place place;  // of the key
  Node value;
};

// What a node is, for messages: text "abc", the integer 3, a list.
std::string describe_value(const Node& node);

// The root table. A file that cannot be read or is no TOML is a fault and an empty table.
Node read_document(const std::filesystem::path& path, Faults& faults);
Node parse_document(std::string_view text, const std::string& source, Faults& faults);

// {a: {b: raw}} for the key "a.b".
Node assignment_document(const std::string& key, const std::string& value, const std::string& origin);

}  // namespace wan::plan
