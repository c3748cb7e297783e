#include "metrics/statistics.h"

#include <algorithm>

#include "engine/base/error.h"

namespace wan::metrics {
namespace {

constexpr std::size_t kRowsAtOnce = 8;  // rows lie one behind the other, and a call has a histogram to clear

}  // namespace

FrameStatistics measure_frame(const StatisticsFrame& frame, std::int64_t height, std::int64_t width, Simd simd) {
  const FrameRowKernels& kernels = frame_row_kernels(simd);
  const auto rows = static_cast<std::size_t>(height), columns = static_cast<std::size_t>(width);
  FrameStatistics statistics;
  statistics.column_edges.resize(columns - 1);
  statistics.row_edges.resize(rows - 1);
  // What needs neighbouring rows follows the conversion to luma while these are in the cache.
  for (std::size_t y = 0; y < rows; ++y) {
    std::uint8_t* row = frame.luma.data() + y * columns;
    if (y % kRowsAtOnce == 0)
      kernels.colour(frame.rgb.data() + y * columns * 3, std::min(kRowsAtOnce, rows - y) * columns, row, statistics.colour,
                     statistics.luma.data());
    kernels.edges(row, row + 1, columns - 1, statistics.column_edges.data());
    statistics.bands += kernels.bands(row, columns);
    statistics.gradient += kernels.squared_error(row, row + 1, columns - 1);
    if (y >= 1) {
      statistics.row_edges[y - 1] = static_cast<std::uint32_t>(kernels.absolute_error(row - columns, row, columns));
      statistics.gradient += kernels.squared_error(row - columns, row, columns);
    }
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

namespace {

template <std::size_t n, typename Kernel>
Still run(const std::array<std::span<const std::uint8_t>, n>& reference, const std::array<std::span<const std::uint8_t>, n>& candidate,
          Kernel kernel) {
  const std::uint8_t *of_reference[n], *of_candidate[n];
  for (std::size_t i = 0; i < n; ++i) of_reference[i] = reference[i].data(), of_candidate[i] = candidate[i].data();
  std::uint64_t still[3] = {};
  kernel(of_reference, of_candidate, reference[0].size(), still);
  return {.pixels = still[0], .reference = still[1], .candidate = still[2]};
}

}  // namespace

Still measure_still_step(const std::array<std::span<const std::uint8_t>, 2>& reference,
                         const std::array<std::span<const std::uint8_t>, 2>& candidate, Simd simd) {
  return run(reference, candidate, frame_row_kernels(simd).still_step);
}

Still measure_still_flicker(const std::array<std::span<const std::uint8_t>, 3>& reference,
                            const std::array<std::span<const std::uint8_t>, 3>& candidate, Simd simd) {
  return run(reference, candidate, frame_row_kernels(simd).flicker);
}

}  // namespace wan::metrics
