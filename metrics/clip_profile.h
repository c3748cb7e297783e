// Statistics of a clip as one value a frame, in levels of 255, and how two such profiles differ.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "metrics/statistics.h"

namespace wan::metrics {

struct ClipProfile {
  std::vector<double> luma, cb, cr;  // means of BT.601, full range; cb and cr around 0
  std::vector<double> saturation;    // mean of the largest channel less the smallest
  std::vector<double> clipped;       // share of bytes that are 0 or 255
  std::vector<double> detail;     // standard deviation of the noise that Immerkaer's operator sees (Fast noise variance estimation, 1996)
  std::vector<double> sharpness;  // mean squared luma gradient, squares of levels
  std::vector<double> step;       // [frames - 1]: mean absolute difference of bytes from the frame before
};

struct ProfilePair {
  ClipProfile reference, candidate;
};
ProfilePair profiles_of(const Statistics& statistics);

// Frames of the candidate that repeat the one before them where the reference moves: their step is at most `motion` (FFmpeg's freezedetect:
// 0.001 of the range), the reference's is more, and more than four times as much.
std::vector<std::int64_t> repeated_frames(const ProfilePair& profiles, double motion);

// a - b, element by element. Equally long.
std::vector<double> difference(std::span<const double> a, std::span<const double> b);
double mean(std::span<const double> values);  // 0 of none
double median(std::vector<double> values);    // 0 of none
// Median of the values at most `radius` away; near an end the window is cut off.
std::vector<double> moving_median(std::span<const double> values, std::int64_t radius);

// What repeats with `period` in a series after its trend, the moving median over one period, is taken away. (A mean would spread a single
// outlier over the phases beside it.)
struct Periodicity {
  double amplitude = 0;    // largest less smallest mean of a phase
  double explained = 0;    // share of the variance that lies between phases
  bool repeated = false;   // every occurrence of `phase` stands out the same way, by at least half of what they do on average
  std::int64_t phase = 0;  // the one that stands out most from the others' mean
};
// Zero for fewer than two periods.
Periodicity periodicity(std::span<const double> series, std::int64_t period);

}  // namespace wan::metrics
