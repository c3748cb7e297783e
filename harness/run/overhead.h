// What the harness itself costs a cell: a run over a null model, which gives black clips at once, with the `null` metric.
#pragma once

#include <cstddef>
#include <filesystem>

#include "harness/run/residents.h"

namespace wan::run {

struct Overhead {
  std::size_t cells = 0;
  double cell_s = 0;  // median of a whole cell: request, clip kept, hashed, read back, scored, line appended and synced
  double sync_s = 0;  // median of what the disk takes to sync one line, which cell_s contains
};

// Of a null model in this process (null_executor.h) or in a worker. Works in a folder of its own below `folder`, removed afterwards.
Overhead measure_overhead(const std::filesystem::path& folder, const Residents::Make& null_model, std::size_t cells = 200);

}  // namespace wan::run
