#include "harness/plan/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "harness/plan/tier.h"

namespace wan::plan {
namespace {

template <typename T>
std::optional<T> from_text(const std::string& text) {
  T value{};
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> to_number(const Node& node) {
  if (node.kind == Node::Kind::integer) return static_cast<double>(node.integer);
  if (node.kind == Node::Kind::number) return node.number;
  if (node.kind == Node::Kind::raw) return from_text<double>(node.text);
  return std::nullopt;
}

std::string range_words(const Field& field) {
  if (std::isinf(field.maximum)) return fmt::format("at least {}", field.minimum);
  if (std::isinf(field.minimum)) return fmt::format("at most {}", field.maximum);
  return fmt::format("within [{}, {}]", field.minimum, field.maximum);
}

}  // namespace

std::optional<std::vector<Node>> list_items(const Node& node) {
  if (node.kind == Node::Kind::list) return node.items;
  if (node.kind != Node::Kind::raw) return std::nullopt;
  std::vector<Node> items;
  for (std::size_t begin = 0; begin <= node.text.size();) {
    const std::size_t end = std::min(node.text.find(',', begin), node.text.size());
    Node item = Node::raw(node.text.substr(begin, end - begin), node.place);
    if (!item.text.empty()) items.push_back(std::move(item));
    begin = end + 1;
  }
  return items;
}

std::optional<std::int64_t> to_integer(const Node& node) {
  if (node.kind == Node::Kind::integer) return node.integer;
  if (node.kind == Node::Kind::raw) return from_text<std::int64_t>(node.text);
  return std::nullopt;
}

std::optional<std::string> to_text(const Node& node) {
  if (node.kind == Node::Kind::text || node.kind == Node::Kind::raw) return node.text;
  return std::nullopt;
}

TableReader::TableReader(const Node& table, Faults& faults, std::string prefix)
    : table_(table), faults_(faults), prefix_(std::move(prefix)) {}

const Member* TableReader::take(std::string_view key) {
  expected_.emplace(key);
  return table_.find(key);
}

const Member* TableReader::require(std::string_view key) {
  const Member* member = take(key);
  if (member == nullptr) reject(table_.place, fmt::format("'{}{}' is missing", prefix_, key));
  return member;
}

std::vector<const Node*> TableReader::take_tables(std::string_view key) {
  std::vector<const Node*> tables;
  const Member* member = take(key);
  if (member == nullptr) return tables;
  if (member->value.kind != Node::Kind::list) {
    wrong_type(*member, fmt::format("tables, each headed [[{}{}]]", prefix_, key));
    return tables;
  }
  for (const Node& item : member->value.items) {
    if (item.kind == Node::Kind::table)
      tables.push_back(&item);
    else
      reject(item.place, fmt::format("'{}{}' wants tables, got {}", prefix_, key, describe_value(item)));
  }
  return tables;
}

bool TableReader::is_table(const Member& member) {
  if (member.value.kind == Node::Kind::table) return true;
  wrong_type(member, "a table");
  return false;
}

void TableReader::finish() {
  const std::vector<std::string> keys(expected_.begin(), expected_.end());
  for (const Member& member : table_.members) {
    if (expected_.contains(member.key)) continue;
    std::string message = unknown_word("key", member.key, keys);
    if (!prefix_.empty()) message += fmt::format(" (in [{}])", prefix_.substr(0, prefix_.size() - 1));
    reject(member.place, std::move(message));
  }
}

void TableReader::convert(const Field&, const Member& member, bool& target) {
  const Node& node = member.value;
  if (node.kind == Node::Kind::boolean)
    target = node.boolean;
  else if (node.kind == Node::Kind::raw && (node.text == "true" || node.text == "false"))
    target = node.text == "true";
  else
    wrong_type(member, "true or false");
}

void TableReader::convert(const Field& field, const Member& member, std::int64_t& target) {
  const auto value = to_integer(member.value);
  if (!value) return wrong_type(member, "an integer");
  if (check_number(field, member, static_cast<double>(*value))) target = *value;
}

void TableReader::convert(const Field& field, const Member& member, std::uint64_t& target) {
  std::int64_t value = 0;
  const std::size_t before = rejected_;
  convert(field, member, value);
  if (rejected_ != before) return;
  if (value < 0) return reject(member.value.place, fmt::format("'{}{}' must be at least 0, got {}", prefix_, member.key, value));
  target = static_cast<std::uint64_t>(value);
}

void TableReader::convert(const Field& field, const Member& member, double& target) {
  const auto value = to_number(member.value);
  if (!value) return wrong_type(member, "a number");
  if (!std::isfinite(*value)) return wrong_type(member, "a finite number");
  if (check_number(field, member, *value)) target = *value;
}

void TableReader::convert(const Field& field, const Member& member, std::string& target) {
  const auto value = to_text(member.value);
  if (!value) return wrong_type(member, "text");
  if (field.text_rule != nullptr && !field.text_rule(*value))
    return reject(member.value.place, fmt::format("'{}{}' must be {}, got '{}'", prefix_, member.key, field.wanted, *value));
  target = *value;
}

void TableReader::convert(const Field&, const Member& member, std::vector<std::string>& target) {
  const auto items = list_items(member.value);
  if (!items) return wrong_type(member, "a list of text");
  std::vector<std::string> values;
  for (const Node& item : *items) {
    const auto text = to_text(item);
    if (text)
      values.push_back(*text);
    else
      reject(item.place, fmt::format("'{}{}' wants text, got {}", prefix_, member.key, describe_value(item)));
  }
  if (values.size() == items->size()) target = std::move(values);
}

void TableReader::convert(const Field&, const Member& member, SeedChoice& target) {
  if (to_text(member.value) == "all") {
    target = {.all = true};
    return;
  }
  const auto items = list_items(member.value);
  if (!items || items->empty()) return wrong_type(member, "a list of integers, or 'all'");
  SeedChoice choice;
  for (const Node& item : *items) {
    const auto seed = to_integer(item);
    if (!seed || *seed < 0) {
      reject(item.place, fmt::format("'{}{}' wants integers from 0, got {}", prefix_, member.key, describe_value(item)));
      continue;
    }
    const auto value = static_cast<std::uint64_t>(*seed);
    if (std::find(choice.seeds.begin(), choice.seeds.end(), value) != choice.seeds.end())
      reject(item.place, fmt::format("seed {} stands twice", value));
    choice.seeds.push_back(value);
  }
  if (choice.seeds.size() == items->size()) target = std::move(choice);
}

void TableReader::convert(const Field&, const Member& member, Benefit& target) {
  for (const Benefit benefit : {Benefit::none, Benefit::speed, Benefit::memory, Benefit::throughput})
    if (to_text(member.value) == to_string(benefit)) {
      target = benefit;
      return;
    }
  wrong_type(member, "none, speed, memory or throughput");
}

void TableReader::convert(const Field&, const Member& member, GateKind& target) {
  for (const GateKind gate : {GateKind::roadmap, GateKind::calibrated})
    if (to_text(member.value) == to_string(gate)) {
      target = gate;
      return;
    }
  wrong_type(member, "roadmap or calibrated");
}

void TableReader::convert(const Field&, const Member& member, Level& target) {
  for (const Level level : {Level::off, Level::warn, Level::error})
    if (to_text(member.value) == to_string(level)) {
      target = level;
      return;
    }
  wrong_type(member, "off, warn or error");
}

bool TableReader::check_number(const Field& field, const Member& member, double value) {
  const bool in_range = value >= field.minimum && value <= field.maximum;
  if (in_range && (field.number_rule == nullptr || field.number_rule(value))) return true;
  const std::string wanted = in_range ? std::string(field.wanted) : range_words(field);
  reject(member.value.place, fmt::format("'{}{}' must be {}, got {}", prefix_, member.key, wanted, describe_value(member.value)));
  return false;
}

void TableReader::wrong_type(const Member& member, std::string_view wanted) {
  reject(member.value.place, fmt::format("'{}{}' wants {}, got {}", prefix_, member.key, wanted, describe_value(member.value)));
}

void TableReader::reject(const Place& place, std::string message) {
  ++rejected_;
  faults_.add(place, std::move(message));
}

}  // namespace wan::plan
