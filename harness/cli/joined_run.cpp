#include "harness/cli/joined_run.h"

#include <fmt/format.h>

#include <system_error>

namespace wan::cli {

store::RunFolder store_joined(const std::filesystem::path& root, store::RunRecord& joined, const std::string& label,
                              const std::vector<std::filesystem::path>& parts) {
  store::RunRecord unfinished = joined;
  unfinished.complete = false;
  store::RunFolder folder = store::RunFolder::create(root, std::move(unfinished), label);
  joined.run_id = folder.record().run_id;
  for (const auto& configuration : joined.configurations) {
    for (const auto& cell : configuration.cells) {
      for (const auto& part : parts) {  // named by configuration and key, so that files of different parts never meet
        const auto from = part / cell.clip_file, to = folder.path() / cell.clip_file;
        std::error_code error;
        if (cell.clip_file.empty() || part.empty() || !std::filesystem::exists(from, error)) continue;
        std::filesystem::create_directories(to.parent_path(), error);
        if (!error) std::filesystem::copy_file(from, to, error);
        if (error) throw store::StorageError(fmt::format("{}: cannot be copied: {}", to.string(), error.message()));
      }
    }
  }
  folder.write_all(joined);
  return folder;
}

}  // namespace wan::cli
