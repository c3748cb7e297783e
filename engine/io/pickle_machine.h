// The stack machine under pickle.h: opcodes in, values in an arena out. Bounds every length and the number of values, knows nothing of
// their shape.
#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <string_view>

#include "engine/io/pickle.h"

namespace wan::io {

struct PickleRun {
  PickleRef root = nullptr;
  std::size_t bytes_read = 0;
};

// Throws UsageError. `values` owns every value made; references into it stay valid as it grows.
PickleRun run_pickle(std::span<const std::byte> bytes, std::span<const std::string_view> permitted, const std::string& name,
                     std::deque<PickleValue>& values);

}  // namespace wan::io
