// What the statistics of a clip count, row by row; metrics/statistics.h puts rows and frames together. All sums are exact integers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "metrics/kernels/simd.h"

namespace wan::metrics {

constexpr int kDark = 25;     // a pixel is dark if its largest channel is at most this (FFmpeg's blackdetect: 0.10 of the range)
constexpr int kBright = 230;  // and bright if its smallest channel is at least this
constexpr int kStill = 2;     // a pixel stands still if its luma is no further than this from what it is two frames later

// Sums over pixels of one clip.
struct ColourSums {
  std::uint64_t sum[3] = {}, squares[3] = {};  // of R, G, B
  std::uint64_t chroma = 0;                    // of the largest channel less the smallest
  std::uint64_t dark = 0, bright = 0;          // pixels
  std::uint64_t clipped = 0;                   // bytes that are 0 or 255
};

struct FrameRowKernels {
  // One row or several, [width, 3] in all: adds to `sums` and `histogram` (256 bins of luma), writes luma, (77 R + 150 G + 29 B + 128) /
  // 256, BT.601.
  void (*colour)(const std::uint8_t* rgb, std::size_t width, std::uint8_t* luma, ColourSums& sums, std::uint32_t* histogram);
  // Adds |a[i] - b[i]| to sums[i].
  void (*edges)(const std::uint8_t* a, const std::uint8_t* b, std::size_t count, std::uint32_t* sums);
  // Sum of |a[i] - b[i]|.
  std::uint64_t (*absolute_error)(const std::uint8_t* a, const std::uint8_t* b, std::size_t count);
  // Sum of (a[i] - b[i])^2.
  std::uint64_t (*squared_error)(const std::uint8_t* a, const std::uint8_t* b, std::size_t count);
  // Sum over the inner columns of the absolute response to Immerkaer's noise operator, [1 -2 1; -2 4 -2; 1 -2 1]; 3 luma rows.
  std::uint64_t (*detail)(const std::uint8_t* above, const std::uint8_t* row, const std::uint8_t* below, std::size_t width);
  // Pixels after which luma steps by 2 to 24 between two runs of three equal values: the edges of bands.
  std::uint64_t (*bands)(const std::uint8_t* row, std::size_t width);
  // Where the reference stands still, counts pixels into still[0], and adds |before - 2 now + after| of the reference to still[1], of
  // the candidate to still[2]. Arrays of three rows: before, now, after.
  void (*flicker)(const std::uint8_t* const reference[3], const std::uint8_t* const candidate[3], std::size_t width,
                  std::uint64_t still[3]);
  // The same of first differences: pixels whose luma in the reference changes by at most kStill from `before` to `now`, and |now - before|.
  void (*still_step)(const std::uint8_t* const reference[2], const std::uint8_t* const candidate[2], std::size_t width,
                     std::uint64_t still[3]);
};
const FrameRowKernels& frame_row_kernels(Simd level);

}  // namespace wan::metrics
