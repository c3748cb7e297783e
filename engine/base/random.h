// Random bits that are the same on every platform and for ever: worlds, weights and clips of tests are drawn from them.
#pragma once

#include <cstdint>

namespace wan {

// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
class SplitMix64 {
 public:
  static constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15U;

  explicit constexpr SplitMix64(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    std::uint64_t z = (state_ += kStep);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  // In [-1, 1]: 53 bits, rounded.
  constexpr float next_signed() { return static_cast<float>(static_cast<double>(next() >> 11) * 0x1p-52 - 1.0); }

 private:
  std::uint64_t state_;
};

}  // namespace wan
