// Random numbers that are the same on every platform: of the standard's random numbers the engines are, the distributions are not.
#pragma once

#include <cstdint>

#include "engine/base/random.h"

namespace wan::world {

class Random {
 public:
  explicit Random(std::uint64_t seed) : bits_(seed) {}

  std::uint64_t next() { return bits_.next(); }
  // In [0, 1), 24 bits: exact in float.
  float uniform() { return static_cast<float>(next() >> 40) * 0x1p-24F; }
  float uniform(float low, float high) { return low + (high - low) * uniform(); }
  // In [0, count).
  int below(int count) { return static_cast<int>((next() >> 32) * static_cast<std::uint64_t>(count) >> 32); }
  bool chance(float probability) { return uniform() < probability; }

 private:
  SplitMix64 bits_;
};

}  // namespace wan::world
