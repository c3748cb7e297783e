// Where promoted baselines lie: one file a machine class.
#pragma once

#include <filesystem>
#include <string>

namespace wan::cli {

// `dir` as a person named it; empty: suites/baselines.
std::filesystem::path baselines_dir(const std::string& dir = {});
// `stem`: baseline::file_stem of the machine class. The file need not exist.
std::filesystem::path promoted_path(const std::filesystem::path& dir, const std::string& stem);

}  // namespace wan::cli
