// Any bytes: either a UsageError, or tensors every byte of which may be read.
#include <cstdint>
#include <memory>

#include "engine/base/error.h"
#include "engine/io/safetensors.h"

volatile unsigned sink;  // keeps the reads from being optimised away

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  unsigned sum = 0;
  try {
    const auto file = wan::io::SafetensorsFile::parse(std::as_bytes(std::span(data, size)), nullptr, "fuzz");
    std::size_t bytes = 0;
    for (const auto& [name, view] : file.tensors()) {
      for (const std::byte b : view.data) sum += std::to_integer<unsigned>(b);
      bytes += view.data.size();
      if (static_cast<std::uint64_t>(view.numel()) * wan::io::byte_size(view.dtype) != view.data.size()) __builtin_trap();
    }
    if (bytes > size) __builtin_trap();  // tensors that share bytes
  } catch (const wan::UsageError&) {
  }
  sink = sum;
  return 0;
}
