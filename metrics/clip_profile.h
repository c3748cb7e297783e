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
  std::vector<double> detail;  // standard deviation of the noise that Immerkaer's operator sees (Fast noise variance estimation, 1996)
  std::vector<double> step;    // [frames - 1]: mean absolute difference of bytes from the frame before
};

ClipProfile profile_of(std::span<const FrameStatistics> frames, std::int64_t height, std::int64_t width);

// a - b, element by element. Equally long.
std::vector<double> difference(std::span<const double> a, std::span<const double> b);
double mean(std::span<const double> values);  // 0 of none
double median(std::vector<double> values);    // 0 of none

// What repeats with `period` in a series after its trend, the moving mean over one period, is taken away.
struct Periodicity {
  double amplitude = 0;    // largest less smallest mean of a phase
  double explained = 0;    // share of the variance that lies between phases
  std::int64_t phase = 0;  // the one that stands out most from the others' mean
};
// Zero for fewer than two periods.
Periodicity periodicity(std::span<const double> series, std::int64_t period);

}  // namespace wan::metrics
