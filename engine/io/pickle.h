// Restricted reader of Python pickles (binary opcodes of protocols 2 to 4), for weight files that come as nothing else.
// A pickle is a program; this reader runs none of it. Opcodes only build plain values. A global ("module.name") must be on the caller's
// list, else it is refused by name; calling one gives a PickleObject that records name and arguments. Every length is checked; nesting and
// sharing are bounded and cycles refused, so that walking the result recursively is safe. ATen-free.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace wan::io {

struct PickleValue;
using PickleRef = const PickleValue*;  // lives as long as its Pickle

struct PickleNone {};
struct PickleText {
  std::string_view text;  // points into the file; not checked to be UTF-8
};
struct PickleBytes {
  std::span<const std::byte> bytes;  // points into the file
};
struct PickleList {
  std::vector<PickleRef> items = {};
};
struct PickleTuple {
  std::vector<PickleRef> items = {};
};
struct PickleDict {
  std::vector<std::pair<PickleRef, PickleRef>> items = {};  // in the file's order; of equal keys the last one counts
};
struct PickleGlobal {
  std::string name;  // module.name
};
struct PickleObject {
  std::string class_name;                                   // the permitted global that was called
  PickleRef arguments = nullptr;                            // a PickleTuple
  std::vector<std::pair<PickleRef, PickleRef>> items = {};  // set as in a dict (OrderedDict)
  PickleRef state = nullptr;                                // null if none was given
};
struct PicklePersistentId {
  PickleRef id = nullptr;  // what the writer stored outside the pickle, by its name for it
};

struct PickleValue {
  std::variant<PickleNone, bool, std::int64_t, double, PickleText, PickleBytes, PickleList, PickleTuple, PickleDict, PickleGlobal,
               PickleObject, PicklePersistentId>
      value = PickleNone{};

  // Null if this is no dict (or dict-like object) or has no such text key.
  PickleRef find(std::string_view key) const;
};

// Element `index` of a tuple as a T; null if it is no tuple, or has no such element of this type.
template <typename T>
const T* tuple_item(PickleRef tuple, std::size_t index) {
  const auto* items = tuple ? std::get_if<PickleTuple>(&tuple->value) : nullptr;
  return items && index < items->items.size() ? std::get_if<T>(&items->items[index]->value) : nullptr;
}

class Pickle {
 public:
  // `name` stands for the path in messages. `permitted_globals` are full names, "numpy.ndarray". Values point into `bytes`, which must
  // outlive them unless `owner` holds them. Throws UsageError.
  static Pickle parse(std::span<const std::byte> bytes, std::span<const std::string_view> permitted_globals, const std::string& name,
                      std::shared_ptr<const void> owner = {});

  const PickleValue& root() const { return *root_; }
  std::size_t bytes_read() const { return bytes_read_; }  // up to and with the STOP opcode; a file may hold several pickles

 private:
  std::shared_ptr<const void> owner_;
  std::deque<PickleValue> values_;  // every value; references stay valid as it grows and when the Pickle moves
  PickleRef root_ = nullptr;
  std::size_t bytes_read_ = 0;
};

}  // namespace wan::io
