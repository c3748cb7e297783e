// `merge`: the shards of one run joined into one.
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <vector>

#include "harness/cli/eval_options.h"
#include "harness/cli/eval_outputs.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/joined_run.h"
#include "harness/cli/stored_run.h"
#include "harness/gate/judge.h"
#include "harness/store/merge.h"
#include "harness/store/result_store.h"

namespace wan::cli {
int merge_shards(const MergeOptions& options) {
  std::vector<store::MergePart> parts;
  std::vector<std::filesystem::path> folders;
  for (const auto& path : options.runs) {
    StoredRun run = read_stored_run(path);
    parts.push_back({.name = path, .record = std::move(run.record)});
    folders.push_back(run.folder);
  }
  store::RunRecord merged = store::merge_runs(parts, options.partial ? store::Missing::interrupted : store::Missing::refused);
  const store::RunFolder folder = store_joined(options.out, merged, fmt::format("{}-merged", merged.tier_id), folders);
  const auto verdicts = gate::judge(merged);
  write_reports({.run = merged, .verdicts = verdicts, .run_dir = folder.path()}, folder.path());
  if (!merged.complete) fmt::print(stderr, "cells are missing: the command of the whole run with --resume makes them\n");
  fmt::print("{}\n", folder.path().string());
  return static_cast<int>(ExitStatus::held);
}

}  // namespace wan::cli
