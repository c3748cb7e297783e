// Any bytes: either a UsageError, or tensors every byte of which may be read.
#include <cstdint>
#include <span>

#include "engine/base/error.h"
#include "engine/io/torch_file.h"

volatile unsigned sink;  // keeps the reads from being optimised away

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  unsigned sum = 0;
  try {
    std::size_t steps = 0;
    for (const auto& [name, view] : wan::io::parse_torch_file(std::as_bytes(std::span(data, size)), {}, "fuzz")) {
      if (wan::io::dense_bytes(view.shape, view.dtype) != view.data.size()) __builtin_trap();
      if (view.data.empty()) continue;
      sum += std::to_integer<unsigned>(view.data.front()) + std::to_integer<unsigned>(view.data.back());
      if (++steps > 10'000) break;  // many tensors may share one storage
    }
  } catch (const wan::UsageError&) {
  }
  sink = sum;
  return 0;
}
