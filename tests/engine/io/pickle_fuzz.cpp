// Any bytes: either a UsageError, or values that a caller may walk recursively and arrays every byte of which may be read.
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/io/pickle.h"
#include "engine/io/pickle_numpy.h"

namespace {

using namespace wan::io;

constexpr std::array<std::string_view, 6> kPermitted = {kNumpyGlobals[0], kNumpyGlobals[1],          kNumpyGlobals[2],
                                                        kNumpyGlobals[3], "collections.OrderedDict", "torch.FloatStorage"};

struct Walk {
  unsigned sum = 0;
  std::uint64_t steps = 0;

  void all(const std::vector<PickleRef>& items) {
    for (const PickleRef item : items) visit(*item);
  }
  void all(const std::vector<std::pair<PickleRef, PickleRef>>& items) {
    for (const auto& [key, item] : items) visit(*key), visit(*item);
  }
  void visit(const PickleValue& value) {
    if (++steps > 100'000) return;  // enough; the reader's own bound is higher, for the sake of big checkpoints
    try {
      for (const std::byte b : numpy_array(value, "fuzz").data) sum += std::to_integer<unsigned>(b);
    } catch (const wan::UsageError&) {
    }
    if (const auto* text = std::get_if<PickleText>(&value.value))
      for (const char c : text->text) sum += static_cast<unsigned>(c);
    if (const auto* bytes = std::get_if<PickleBytes>(&value.value))
      for (const std::byte b : bytes->bytes) sum += std::to_integer<unsigned>(b);
    if (const auto* list = std::get_if<PickleList>(&value.value)) all(list->items);
    if (const auto* tuple = std::get_if<PickleTuple>(&value.value)) all(tuple->items);
    if (const auto* dict = std::get_if<PickleDict>(&value.value)) all(dict->items);
    if (const auto* id = std::get_if<PicklePersistentId>(&value.value)) visit(*id->id);
    if (const auto* object = std::get_if<PickleObject>(&value.value)) {
      visit(*object->arguments);
      all(object->items);
      if (object->state) visit(*object->state);
    }
  }
};

}  // namespace

volatile unsigned sink;  // keeps the reads from being optimised away

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Walk walk;
  try {
    const Pickle pickle = Pickle::parse(std::as_bytes(std::span(data, size)), kPermitted, "fuzz");
    if (pickle.bytes_read() > size) __builtin_trap();
    walk.visit(pickle.root());
  } catch (const wan::UsageError&) {
  }
  sink = walk.sum;
  return 0;
}
