#include "engine/checkpoint/convert.h"

#include <c10/util/Half.h>

#include <bit>
#include <cstdint>
#include <cstring>

#include "engine/base/error.h"

namespace wan::checkpoint {
namespace {

struct Float32 {
  using Bits = std::uint32_t;
  static std::uint32_t widen(Bits bits) { return bits; }
  static Bits narrow(std::uint32_t bits) { return bits; }
};

struct Bfloat16 {
  using Bits = std::uint16_t;
  static std::uint32_t widen(Bits bits) { return std::uint32_t{bits} << 16; }
  static Bits narrow(std::uint32_t bits) {
    const std::uint32_t rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
    const bool is_nan = (bits & 0x7fffffffU) > 0x7f800000U;  // rounding could carry one into infinity
    return static_cast<Bits>(is_nan ? 0x7fc0U : rounded);
  }
};

struct Float16 {
  using Bits = std::uint16_t;
  static std::uint32_t widen(Bits bits) { return std::bit_cast<std::uint32_t>(c10::detail::fp16_ieee_to_fp32_value(bits)); }
};

template <typename From, typename To>
void convert_all(const void* from, void* to, std::size_t elements) {
  constexpr std::size_t kRun = 64;  // a fixed number of turns is what -O2 vectorises
  const auto* source = static_cast<const typename From::Bits*>(from);
  auto* target = static_cast<typename To::Bits*>(to);
  std::size_t i = 0;
  for (; i + kRun <= elements; i += kRun)
    for (std::size_t j = 0; j < kRun; ++j) target[i + j] = To::narrow(From::widen(source[i + j]));
  for (; i < elements; ++i) target[i] = To::narrow(From::widen(source[i]));
}

}  // namespace

void convert(c10::ScalarType stored, const void* from, c10::ScalarType wanted, void* to, std::size_t elements) {
  using Type = c10::ScalarType;
  if (stored == wanted)
    std::memcpy(to, from, elements * c10::elementSize(stored));
  else if (stored == Type::Float && wanted == Type::BFloat16)
    convert_all<Float32, Bfloat16>(from, to, elements);
  else if (stored == Type::BFloat16 && wanted == Type::Float)
    convert_all<Bfloat16, Float32>(from, to, elements);
  else if (stored == Type::Half && wanted == Type::BFloat16)
    convert_all<Float16, Bfloat16>(from, to, elements);
  else if (stored == Type::Half && wanted == Type::Float)
    convert_all<Float16, Float32>(from, to, elements);
  else
    WAN_CHECK(false, "no weight goes from {} to {}", c10::toString(stored), c10::toString(wanted));
}

}  // namespace wan::checkpoint
