// What one pass over both clips counts, frame by frame: everything that error sums, temporal profiles and detectors of artifacts read. The
// pixels are loaded once, all sums are integers, so the values are exact at any number of threads. Memory does not grow with the pictures,
// but for two profiles of edges a frame.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "metrics/kernels/frame_rows.h"

namespace wan::metrics {

// Of one frame of one clip. Luma is BT.601, full range, rounded.
struct FrameStatistics {
  ColourSums colour = {};
  std::array<std::uint32_t, 256> luma = {};  // histogram
  std::vector<std::uint32_t> column_edges;   // [width - 1]: sum over rows of |luma[x + 1] - luma[x]|
  std::vector<std::uint32_t> row_edges;      // [height - 1]
  std::uint64_t detail = 0;                  // sum of the absolute response to Immerkaer's noise operator, [height - 2, width - 2]
  std::uint64_t gradient = 0;                // sum of the squared differences of neighbours in luma, across and down
  std::uint64_t bands = 0;                   // pixels at the edges of horizontal bands
  std::uint64_t step = 0;                    // sum over bytes of |frame - the frame before|; 0 for the first
};

// Differences in time of luma, over the pixels that stand still in the reference: those that change by at most kStill.
struct Still {
  std::uint64_t pixels = 0;
  std::uint64_t reference = 0, candidate = 0;  // sums
};

// Of one frame of both.
struct PairStatistics {
  std::uint64_t squared_error = 0;  // over bytes
  Still second = {};                // of |before - 2 frame + after|, where the reference's luma before and after the frame is the same
  Still first = {};                 // of |frame - before|, where the reference's luma is the same in both
};

struct Statistics {
  std::int64_t height = 0, width = 0;
  std::vector<FrameStatistics> reference = {}, candidate = {};
  std::vector<PairStatistics> pairs = {};
  std::int64_t frames() const { return static_cast<std::int64_t>(pairs.size()); }
  std::int64_t pixels() const { return height * width; }
};

// One frame's pixels and the luma made of them.
struct StatisticsFrame {
  std::span<const std::uint8_t> rgb;  // [height, width, 3]
  std::span<std::uint8_t> luma;       // [height, width], written by measure_frame
};

FrameStatistics measure_frame(const StatisticsFrame& frame, std::int64_t height, std::int64_t width, Simd simd);
// Sum over bytes of |a - b|, of equally many.
std::uint64_t absolute_error(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, Simd simd);
std::uint64_t squared_error(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, Simd simd);
// Frames in a row, from the luma of each clip: before and now; before, now and after.
Still measure_still_step(const std::array<std::span<const std::uint8_t>, 2>& reference,
                         const std::array<std::span<const std::uint8_t>, 2>& candidate, Simd simd);
Still measure_still_flicker(const std::array<std::span<const std::uint8_t>, 3>& reference,
                            const std::array<std::span<const std::uint8_t>, 3>& candidate, Simd simd);

}  // namespace wan::metrics
