// Stores as large as a year of nights, for benchmarks: cells as long as real ones, made of random numbers with a fixed seed.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "harness/store/record.h"

namespace wan::testing {

// One complete run of bf16, its twin, phase0 and candidates over enough prompts and seeds to have about `cells` cells.
store::RunRecord large_run(std::size_t cells, std::size_t night = 0);

// `nights` runs of `cells_per_night` cells each below `root`; the folders, the earliest first.
std::vector<std::filesystem::path> store_nights(const std::filesystem::path& root, std::size_t nights, std::size_t cells_per_night);

}  // namespace wan::testing
