#include "engine/text/byte_trie.h"

#include <algorithm>
#include <numeric>

namespace wan::text {
namespace {

// The keys that share a node's path, as a range of the sorted order, and the path's length.
struct Range {
  std::size_t begin, end, depth;
};

}  // namespace

ByteTrie::ByteTrie(std::span<const std::string> keys) {
  std::vector<std::int32_t> order(keys.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::int32_t i) -> const std::string& { return keys[static_cast<std::size_t>(i)]; });
  const auto key = [&](std::size_t i) -> const std::string& { return keys[static_cast<std::size_t>(order[i])]; };

  std::vector<Range> ranges{{0, order.size(), 0}};
  nodes_.push_back({.first_child = 0, .value = -1, .children = 0, .label = 0});
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    auto [begin, end, depth] = ranges[node];
    for (; begin < end && key(begin).size() == depth; ++begin) nodes_[node].value = order[begin];
    nodes_[node].first_child = static_cast<std::uint32_t>(nodes_.size());
    while (begin < end) {
      const char label = key(begin)[depth];
      std::size_t next = begin;
      while (next < end && key(next)[depth] == label) ++next;
      nodes_.push_back({.first_child = 0, .value = -1, .children = 0, .label = static_cast<unsigned char>(label)});
      ranges.push_back({begin, next, depth + 1});
      ++nodes_[node].children;
      begin = next;
    }
  }
}

std::uint32_t ByteTrie::child(std::uint32_t node, unsigned char label) const {
  const Node* first = nodes_.data() + nodes_[node].first_child;
  const Node* last = first + nodes_[node].children;
  const Node* found = std::lower_bound(first, last, label, [](const Node& n, unsigned char wanted) { return n.label < wanted; });
  return found != last && found->label == label ? static_cast<std::uint32_t>(found - nodes_.data()) : 0;
}

std::int32_t ByteTrie::find(std::string_view key) const {
  std::int32_t value = -1;
  for_each_prefix(key, [&](std::size_t length, std::int32_t id) {
    if (length == key.size()) value = id;
  });
  return value;
}

}  // namespace wan::text
