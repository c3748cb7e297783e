// A read-only dictionary of byte strings that answers "which keys does this text start with" in one walk.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wan::text {

class ByteTrie {
 public:
  // Key i has the value i; of equal keys the last one counts. Empty keys are never found.
  explicit ByteTrie(std::span<const std::string> keys);

  // Calls `visit(length, value)` for each key that `text` starts with, the shortest first.
  template <typename Visit>
  void for_each_prefix(std::string_view text, const Visit& visit) const {
    std::uint32_t node = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      node = child(node, static_cast<unsigned char>(text[i]));
      if (node == 0) return;
      if (nodes_[node].value >= 0) visit(i + 1, nodes_[node].value);
    }
  }

  // The value of exactly this key, or -1.
  std::int32_t find(std::string_view key) const;

 private:
  struct Node {
    std::uint32_t first_child;
    std::int32_t value;
    std::uint16_t children;
    unsigned char label;
  };
  std::uint32_t child(std::uint32_t node, unsigned char label) const;  // 0: none
  std::vector<Node> nodes_;  // breadth first: the children of a node are neighbours, sorted by label
};

}  // namespace wan::text
