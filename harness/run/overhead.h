// What the harness itself costs a cell: a run over a null model, which gives one fixed clip at once, with the `null` metric.
#pragma once

#include <cstddef>
#include <filesystem>

namespace wan::run {

struct Overhead {
  std::size_t cells = 0;
  double cell_s = 0;  // median of a whole cell: request, clip kept, hashed, read back, scored, line appended and synced
  double sync_s = 0;  // median of what the disk takes to sync one line, which cell_s contains
};

// Works in a folder of its own below `folder`, removed afterwards.
Overhead measure_overhead(const std::filesystem::path& folder, std::size_t cells = 200);

}  // namespace wan::run
