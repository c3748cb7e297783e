// How noisy this machine is, before anything is concluded on it: a fixed piece of arithmetic on every core, repeated. The score says what
// twelve paired blocks of visits as long as one repetition could resolve; longer visits average over more and resolve more.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace wan::machine {

inline constexpr std::size_t kNoiseBlocks = 12;

struct NoiseScore {
  std::size_t samples = 0;
  double median_s = 0;
  // None below five samples.
  std::optional<double> deviation = {};   // median of |time - median| / median
  std::optional<double> half_width = {};  // of the 95 % interval for the ratio of two configurations over twelve blocks
  std::optional<double> resolvable = {};  // smallest effect that this interval shows with a power of 0.9
};

// Pure. CheckError without samples.
NoiseScore score_noise(std::span<const double> samples_s);

// Repeats for about `duration_s`, at least five times; one repetition takes about a twentieth of a second on a quiet machine.
std::vector<double> time_fixed_work(double duration_s, int threads);

// Bytes a second that `threads` copy together between two buffers far larger than a cache, the best of a few; reading and writing count.
double host_copy_bytes_per_s(int threads);

}  // namespace wan::machine
