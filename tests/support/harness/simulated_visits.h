// A machine that times visits of two configurations, as measured on the card that this project was built for (measurement.md §10) and as
// hosts at their worst behave: white noise, a drift over the session, a hiccup now and then. The same on every machine for a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "harness/measure/confidence.h"

namespace wan::testing {

// SD of the paired log ratio as measured, 0.72 %; a visit's own is smaller by the root of two (0.51 %, measured too).
inline constexpr double kPairedNoise = 0.0072;

struct Surroundings {
  double drift = 0;         // rise of the log time from the first to the last visit of twelve blocks; goes on at the same rate
  double hiccup_share = 0;  // of runs that take 2 to 6 % longer
  std::size_t runs = 1;     // of a visit, odd; its datum is their median
};

// What the surroundings add to the log time of each visit, in the order of running.
class SimulatedMachine {
 public:
  explicit SimulatedMachine(std::uint64_t seed) : random_(seed) {}
  std::vector<double> disturbances(std::size_t visits, const Surroundings& surroundings);  // [visits]
  bool coin() { return random_() >> 63; }

 private:
  double uniform();
  double hiccup(const Surroundings& surroundings);  // of a visit
  std::mt19937_64 random_;
};

// Blocks of one visit each, in the order that a coin gives: ln(candidate / baseline) [visits / 2]; the candidate is slower by
// `log_slowdown`.
std::vector<double> interleaved(std::span<const double> disturbances, const std::vector<bool>& candidate_first, double log_slowdown);

// What we avoid: every visit of the baseline, then every one of the candidate, compared by Welch's unpaired t.
struct Unpaired {
  double p = 1;                     // two-sided
  measure::Interval slowdown = {};  // 95 % of the difference of mean log times
};
Unpaired sequential_welch(std::span<const double> disturbances, double log_slowdown);
Unpaired welch(std::span<const double> baseline, std::span<const double> candidate);

}  // namespace wan::testing
