// Reads a table of a document into a struct whose fields are listed in fields.h: a key that is present replaces the field, an absent one
// leaves it, so reading layer after layer into one struct is the precedence of the layers. Faults are collected, never thrown.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/plan/document.h"
#include "harness/plan/fault.h"
#include "harness/plan/fields.h"

namespace wan::plan {

class TableReader {
 public:
  // `prefix` ("shape.") stands before keys in messages. All three must outlive the reader.
  TableReader(const Node& table, Faults& faults, std::string prefix = {});

  // A visitor of fields.
  template <typename T>
  void operator()(const Field& field, T& target) {
    const Member* member = take(field.name);
    if (member == nullptr) return;
    if constexpr (Fielded<T>) {
      if (!is_table(*member)) return;
      TableReader inner(member->value, faults_, prefix_ + std::string(field.name) + ".");
      visit_fields(target, inner);
      inner.finish();
    } else {
      convert(field, *member, target);
    }
  }

  // The member, now known to be expected; nullptr if absent.
  const Member* take(std::string_view key);
  // As take(), and a fault if it is absent.
  const Member* require(std::string_view key);
  // The tables of `[[key]]`; a fault if it is something else.
  std::vector<const Node*> take_tables(std::string_view key);
  bool is_table(const Member& member);
  // Reports every key that nobody asked for.
  void finish();

 private:
  void convert(const Field& field, const Member& member, bool& target);
  void convert(const Field& field, const Member& member, std::int64_t& target);
  void convert(const Field& field, const Member& member, std::uint64_t& target);
  void convert(const Field& field, const Member& member, double& target);
  void convert(const Field& field, const Member& member, std::string& target);
  void convert(const Field& field, const Member& member, std::vector<std::string>& target);
  void convert(const Field& field, const Member& member, SeedChoice& target);
  void convert(const Field& field, const Member& member, Benefit& target);
  void convert(const Field& field, const Member& member, GateKind& target);
  void convert(const Field& field, const Member& member, Level& target);
  template <typename T>
  void convert(const Field& field, const Member& member, std::optional<T>& target) {
    T value = target.value_or(T{});
    const std::size_t before = rejected_;
    convert(field, member, value);
    if (rejected_ == before) target = value;
  }

  bool check_number(const Field& field, const Member& member, double value);
  void wrong_type(const Member& member, std::string_view wanted);
  void reject(const Place& place, std::string message);

  const Node& table_;
  Faults& faults_;
  std::string prefix_;
  std::set<std::string, std::less<>> expected_;
  std::size_t rejected_ = 0;
};

// A list node, or a raw one split at commas; nullopt if it is neither.
std::optional<std::vector<Node>> list_items(const Node& node);
std::optional<std::int64_t> to_integer(const Node& node);
std::optional<std::string> to_text(const Node& node);

}  // namespace wan::plan
