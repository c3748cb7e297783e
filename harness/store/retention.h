// What may go from a run's folder. Raw clips stay while a run is open and where it is promoted as a baseline; of every other run only those
// that its report shows stay. Nothing here deletes by itself: it says what may go, and a person's command does it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "harness/store/record.h"

namespace wan::store {

// A file of this name in a run's folder keeps its raw clips: the run is a promoted baseline.
inline constexpr const char* kPromotedFile = "promoted";

struct RemovableFile {
  std::filesystem::path path;
  std::uintmax_t bytes = 0;
};

// Clips that are not among `shown` (files relative to the folder), trajectories, and what writers that were killed left half done; sorted.
// None of a run that is open or promoted.
std::vector<RemovableFile> removable_files(const RunRecord& run, const std::filesystem::path& folder, const std::set<std::string>& shown);

}  // namespace wan::store
