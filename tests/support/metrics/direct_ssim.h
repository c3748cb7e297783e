// The arbiter of SSIM: the definition written down directly, windows not separated, means first and then centred moments, in long double.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/video_clip.h"

namespace wan::testing {

struct DirectSsim {
  std::vector<long double> weights;  // of one side of the window, which is their outer product
  enum { none, reflect, zero } border = none;
  std::int64_t step = 1;              // from window to window
  long double covariance_factor = 1;  // n / (n - 1) for the sample covariance
  long double c1 = 6.5025L, c2 = 58.5225L;
};

// Mean over the windows and the three channels of the first frame.
double direct_ssim(const VideoClip& x, const VideoClip& y, const DirectSsim& definition);

}  // namespace wan::testing
