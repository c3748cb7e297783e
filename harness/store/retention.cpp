#include "harness/store/retention.h"

#include <algorithm>

#include "harness/store/result_store.h"

namespace wan::store {
namespace {

// Regular files of a folder, by its name and theirs; links and folders are not ours.
void add_files(std::vector<RemovableFile>& files, const std::filesystem::path& folder, auto&& is_removable) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.is_regular_file(error) && !entry.is_symlink(error) && is_removable(entry.path()))
      files.push_back({.path = entry.path(), .bytes = entry.file_size(error)});
}

}  // namespace

std::vector<RemovableFile> removable_files(const RunRecord& run, const std::filesystem::path& folder, const std::set<std::string>& shown) {
  std::vector<RemovableFile> files;
  if (!run.complete || std::filesystem::exists(folder / kPromotedFile)) return files;
  add_files(files, folder / kClipFolder,
            [&](const std::filesystem::path& path) { return !shown.contains((kClipFolder / path.filename()).string()); });
  add_files(files, folder / "trajectories", [](const auto&) { return true; });
  add_files(files, folder, [](const std::filesystem::path& path) { return path.filename().string().find(".tmp.") != std::string::npos; });
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

}  // namespace wan::store
