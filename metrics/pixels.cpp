#include "metrics/pixels.h"

#include <algorithm>
#include <cstdlib>

#include "engine/base/error.h"

namespace wan::metrics {
namespace {

// A block's sum fits 32 bits (4096 * 255^2 < 2^29), which keeps the inner loop at four lanes a vector.
constexpr std::size_t kBlock = 4096;

template <typename Term>
std::uint64_t sum(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, Term term) {
  WAN_CHECK(a.size() == b.size(), "frames of {} and {} bytes", a.size(), b.size());
  std::uint64_t total = 0;
  for (std::size_t start = 0; start < a.size(); start += kBlock) {
    const std::size_t count = std::min(kBlock, a.size() - start);
    const std::uint8_t* x = a.data() + start;
    const std::uint8_t* y = b.data() + start;
    int block = 0;
    for (std::size_t i = 0; i < count; ++i) block += term(x[i] - y[i]);
    total += static_cast<std::uint64_t>(block);
  }
  return total;
}

}  // namespace

std::uint64_t squared_error(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return sum(a, b, [](int difference) { return difference * difference; });
}

std::uint64_t absolute_error(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return sum(a, b, [](int difference) { return std::abs(difference); });
}

}  // namespace wan::metrics
