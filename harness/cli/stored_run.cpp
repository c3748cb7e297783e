#include "harness/cli/stored_run.h"

#include "harness/run/clip_keeper.h"
#include "harness/store/result_store.h"
#include "reports/frames.h"

namespace wan::cli {

StoredRun read_stored_run(const std::filesystem::path& path) {
  StoredRun run{.record = store::read_run(path), .folder = {}};
  if (std::filesystem::is_directory(path)) {
    run.folder = path;
  } else if (path.filename() == store::kRunFile) {
    run.folder = path.parent_path();
  }
  if (!run.folder.empty()) run::check_clips(run.record, run.folder);
  return run;
}

std::set<std::string> shown_clips(const store::RunRecord& run, std::span<const gate::Verdict> verdicts,
                                  const std::filesystem::path& folder) {
  std::set<std::string> shown;
  for (const auto& worst : reports::worst_frames({.run = run, .verdicts = verdicts, .run_dir = folder}))
    for (const store::Cell* cell : {worst.candidate, worst.baseline, worst.floor})
      if (cell && !cell->clip_file.empty()) shown.insert(cell->clip_file);
  return shown;
}

}  // namespace wan::cli
