// Records put into run folders, as a run leaves them.
#pragma once

#include <filesystem>
#include <string>

#include "harness/store/record.h"

namespace wan::testing {

// Makes <root>/<name> and returns it. Cells that are `interrupted` have no line in it.
std::filesystem::path store_run(const std::filesystem::path& root, const std::string& name, store::RunRecord run);

// Replaces the first `from` in a file by `to`; throws if it is not there.
void edit_file(const std::filesystem::path& path, const std::string& from, const std::string& to);

}  // namespace wan::testing
