// A run that was joined from parts, stored as a folder of its own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/store/result_store.h"

namespace wan::cli {

// Stores `joined` below `root` with the raw clips that the parts' folders still have; its run_id is the new folder's. Until all of it is
// there the folder is an unfinished run. StorageError.
store::RunFolder store_joined(const std::filesystem::path& root, store::RunRecord& joined, const std::string& label,
                              const std::vector<std::filesystem::path>& parts);

}  // namespace wan::cli
