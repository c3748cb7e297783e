// Exact integer sums over the bytes of two frames, shared by the metrics that rest on them.
#pragma once

#include <cstdint>
#include <span>

namespace wan::metrics {

// Sum of squared differences. The spans are equally long.
std::uint64_t squared_error(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);
// Sum of absolute differences.
std::uint64_t absolute_error(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

}  // namespace wan::metrics
