#include "engine/io/pickle.h"

#include <algorithm>
#include <unordered_map>

#include "engine/base/error.h"
#include "engine/io/pickle_machine.h"

namespace wan::io {
namespace {

constexpr int kMaxDepth = 100;
constexpr std::uint64_t kMaxExpandedValues = std::uint64_t{1} << 26;  // as a tree, shared values counted at each place

std::vector<PickleRef> children(const PickleValue& value) {
  std::vector<PickleRef> found;
  const auto add_pairs = [&](const auto& items) {
    for (const auto& [key, item] : items) found.push_back(key), found.push_back(item);
  };
  if (const auto* list = std::get_if<PickleList>(&value.value)) found = list->items;
  if (const auto* tuple = std::get_if<PickleTuple>(&value.value)) found = tuple->items;
  if (const auto* dict = std::get_if<PickleDict>(&value.value)) add_pairs(dict->items);
  if (const auto* id = std::get_if<PicklePersistentId>(&value.value)) found = {id->id};
  if (const auto* object = std::get_if<PickleObject>(&value.value)) {
    found = {object->arguments};
    add_pairs(object->items);
    if (object->state) found.push_back(object->state);
  }
  return found;
}

struct Extent {
  int depth = 0;             // 0 while its children are still being looked at
  std::uint64_t values = 1;  // of the tree below and with it
};

// Lists and dicts may hold themselves, and shared values may stand for exponentially many: neither is met in a weight file, and both would
// trap a caller that walks the values recursively. Depth first with its own stack, so that nothing overflows here either.
void check_tree(PickleRef root, const std::string& name) {
  std::unordered_map<PickleRef, Extent> extents;
  struct Frame {
    PickleRef value;
    std::vector<PickleRef> children;
    std::size_t next = 0;
  };
  std::vector<Frame> stack;
  const auto enter = [&](PickleRef value) {
    extents.emplace(value, Extent{});
    stack.push_back({.value = value, .children = children(*value)});
    if (stack.size() > kMaxDepth) throw UsageError(fmt::format("{}: pickle nested deeper than {} levels", name, kMaxDepth));
  };
  enter(root);
  while (!stack.empty()) {
    Frame& frame = stack.back();
    if (frame.next < frame.children.size()) {
      const PickleRef child = frame.children[frame.next++];
      const auto seen = extents.find(child);
      if (seen == extents.end())
        enter(child);
      else if (seen->second.depth == 0)
        throw UsageError(fmt::format("{}: pickle with a value that holds itself", name));
      continue;
    }
    Extent extent{.depth = 1};
    for (const PickleRef child : frame.children) {
      const Extent& below = extents.at(child);
      extent.depth = std::max(extent.depth, below.depth + 1);
      extent.values = std::min(extent.values + below.values, kMaxExpandedValues + 1);
    }
    if (extent.depth > kMaxDepth) throw UsageError(fmt::format("{}: pickle nested deeper than {} levels", name, kMaxDepth));
    if (extent.values > kMaxExpandedValues) throw UsageError(fmt::format("{}: pickle whose shared values stand for too many", name));
    extents[frame.value] = extent;
    stack.pop_back();
  }
}

}  // namespace

PickleRef PickleValue::find(std::string_view key) const {
  const auto* dict = std::get_if<PickleDict>(&value);
  const auto* object = std::get_if<PickleObject>(&value);
  if (!dict && !object) return nullptr;
  const auto& items = dict ? dict->items : object->items;
  for (auto at = items.rbegin(); at != items.rend(); ++at)
    if (const auto* text = std::get_if<PickleText>(&at->first->value); text && text->text == key) return at->second;
  return nullptr;
}

Pickle Pickle::parse(std::span<const std::byte> bytes, std::span<const std::string_view> permitted_globals, const std::string& name,
                     std::shared_ptr<const void> owner) {
  Pickle pickle;
  pickle.owner_ = std::move(owner);
  const PickleRun run = run_pickle(bytes, permitted_globals, name, pickle.values_);
  check_tree(run.root, name);
  pickle.root_ = run.root;
  pickle.bytes_read_ = run.bytes_read;
  return pickle;
}

}  // namespace wan::io
