// Dense optical flow by OpenCV, opened when a metric first needs it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace wan::metrics::flow {

enum class Method {
  farneback,  // Farnebäck (SCIA 2003) with TecoGAN's settings: pyramid 0.5 of 3 levels, window 15, 3 iterations, polynomials of 5 at 1.2
  dis_fast,   // dense inverse search (Kroeger et al., ECCV 2016), OpenCV's preset fast
};

struct Field {
  std::int64_t height = 0, width = 0;
  std::vector<float> values = {};  // [height, width, 2], x and y in pixels
};

inline constexpr std::int64_t kSmallestSide = 32;  // of a frame; below, the methods' pyramids are empty

// Whether this build has it.
bool have_optical_flow();
// Throws UsageError if optical_flow() would, saying what to install.
void check_optical_flow();
// Where each pixel of `from` goes in `to`, both [height, width, 3] uint8 sRGB; computed on their grey values (BT.601). The bits depend on
// no number of threads, OpenCV's included. May be called from several threads.
Field optical_flow(Method method, std::span<const std::uint8_t> from, std::span<const std::uint8_t> to, std::int64_t height,
                   std::int64_t width);

}  // namespace wan::metrics::flow
