#include "metrics/statistics.h"

#include "engine/base/error.h"

namespace wan::metrics {

FrameStatistics measure_frame(const StatisticsFrame& frame, std::int64_t height, std::int64_t width, Simd simd) {
  const FrameRowKernels& kernels = frame_row_kernels(simd);
  const auto rows = static_cast<std::size_t>(height), columns = static_cast<std::size_t>(width);
  FrameStatistics statistics;
  statistics.column_edges.resize(columns - 1);
  statistics.row_edges.resize(rows - 1);
  // What needs neighbouring rows follows the conversion to luma while these are in the cache.
  for (std::size_t y = 0; y < rows; ++y) {
    std::uint8_t* row = frame.luma.data() + y * columns;
    kernels.colour(frame.rgb.data() + y * columns * 3, columns, row, statistics.colour, statistics.luma.data());
    kernels.edges(row, row + 1, columns - 1, statistics.column_edges.data());
    statistics.bands += kernels.bands(row, columns);
    if (y >= 1) statistics.row_edges[y - 1] = static_cast<std::uint32_t>(kernels.absolute_error(row - columns, row, columns));
    if (y >= 2) statistics.detail += kernels.detail(row - 2 * columns, row - columns, row, columns);
  }
  return statistics;
}

std::uint64_t absolute_error(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, Simd simd) {
  WAN_CHECK(a.size() == b.size(), "frames of {} and {} bytes", a.size(), b.size());
  return frame_row_kernels(simd).absolute_error(a.data(), b.data(), a.size());
}

std::uint64_t squared_error(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, Simd simd) {
  WAN_CHECK(a.size() == b.size(), "frames of {} and {} bytes", a.size(), b.size());
  return frame_row_kernels(simd).squared_error(a.data(), b.data(), a.size());
}

void measure_flicker(const std::array<std::span<const std::uint8_t>, 3>& reference,
                     const std::array<std::span<const std::uint8_t>, 3>& candidate, PairStatistics& pair, Simd simd) {
  const std::uint8_t* const of_reference[3] = {reference[0].data(), reference[1].data(), reference[2].data()};
  const std::uint8_t* const of_candidate[3] = {candidate[0].data(), candidate[1].data(), candidate[2].data()};
  std::uint64_t still[3] = {};
  frame_row_kernels(simd).flicker(of_reference, of_candidate, reference[0].size(), still);
  pair.still = still[0], pair.reference_flicker = still[1], pair.candidate_flicker = still[2];
}

}  // namespace wan::metrics
