// `merge`: the shards of one run joined into one.
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <vector>

#include "harness/cli/eval_options.h"
#include "harness/cli/eval_outputs.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/stored_run.h"
#include "harness/gate/judge.h"
#include "harness/store/merge.h"
#include "harness/store/result_store.h"

namespace wan::cli {
namespace {

// Named by configuration and key, so that files of different shards never meet.
void copy_clips(const store::RunRecord& part, const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  for (const auto& configuration : part.configurations) {
    for (const auto& cell : configuration.cells) {
      if (cell.clip_file.empty()) continue;
      std::filesystem::create_directories((to / cell.clip_file).parent_path(), error);
      if (!error) std::filesystem::copy_file(from / cell.clip_file, to / cell.clip_file, error);
      if (error) throw store::StorageError(fmt::format("{}: cannot be copied: {}", (to / cell.clip_file).string(), error.message()));
    }
  }
}

}  // namespace

int merge_shards(const MergeOptions& options) {
  std::vector<store::MergePart> parts;
  std::vector<std::filesystem::path> folders;
  for (const auto& path : options.runs) {
    StoredRun run = read_stored_run(path);
    parts.push_back({.name = path, .record = std::move(run.record)});
    folders.push_back(run.folder);
  }
  store::RunRecord merged = store::merge_runs(parts, options.partial ? store::Missing::interrupted : store::Missing::refused);
  store::RunFolder folder = store::RunFolder::create(options.out, merged, fmt::format("{}-merged", merged.tier_id));
  merged.run_id = folder.record().run_id;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (!folders[i].empty()) copy_clips(parts[i].record, folders[i], folder.path());
  folder.write_all(merged);
  const auto verdicts = gate::judge(merged);
  write_reports({.run = merged, .verdicts = verdicts, .run_dir = folder.path()}, folder.path());
  if (!merged.complete) fmt::print(stderr, "cells are missing: the command of the whole run with --resume makes them\n");
  fmt::print("{}\n", folder.path().string());
  return static_cast<int>(ExitStatus::held);
}

}  // namespace wan::cli
