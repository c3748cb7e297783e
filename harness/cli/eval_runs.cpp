// `list runs`: the runs below a folder, through their index; with --prune it removes what need not be kept.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "harness/cli/eval_options.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/indexing_progress.h"
#include "harness/cli/json_object.h"
#include "harness/cli/stored_run.h"
#include "harness/gate/judge.h"
#include "harness/store/index.h"
#include "harness/store/result_store.h"
#include "harness/store/retention.h"

namespace wan::cli {
namespace {

std::string state_of(const store::IndexedRun& run) {
  if (!run.problem.empty()) return "unreadable";
  return run.complete ? "complete" : "open";
}

std::string as_text(const std::vector<store::IndexedRun>& runs) {
  std::size_t width = 0;
  for (const auto& run : runs) width = std::max(width, run.folder.size());
  std::string text;
  for (const auto& run : runs) {
    text += fmt::format("{:<{}}  {:<10}", run.folder, width, state_of(run));
    if (!run.problem.empty()) {
      text += "  " + run.problem + "\n";
      continue;
    }
    text += fmt::format("  {:>6}/{:<6}", run.done, run.cells);
    text += fmt::format("  {}{}  {}  {}\n", run.failed > 0 ? fmt::format("{} failed  ", run.failed) : "", run.tier_id, run.model,
                        run.device_name);
  }
  return text.empty() ? "no runs\n" : text;
}

std::string as_json(const std::vector<store::IndexedRun>& runs) {
  const auto object = [](const store::IndexedRun& run) {
    JsonObject json;
    json.text("folder", run.folder).text("state", state_of(run)).text("problem", run.problem).text("started_at", run.started_at);
    json.text("tier", run.tier_id).text("suite", run.suite_id).text("model", run.model).text("device", run.device_name);
    json.text("shard", run.shard).text("build_id", run.build_id).text("plan_hash", run.plan_hash);
    for (const auto& [key, count] : {std::pair{"cells", run.cells}, {"done", run.done}, {"failed", run.failed}})
      json.count(key, static_cast<std::size_t>(count));
    return json.number("elapsed_s", run.elapsed_s).str();
  };
  return JsonObject().raw("runs", json_list_of(runs, object)).str() + "\n";
}

std::vector<store::IndexedRun> indexed_runs(const std::string& root) {
  if (!std::filesystem::is_directory(root)) throw UsageError(fmt::format("--out {}: there is no such folder", root));
  store::Index index(root);
  const bool current = index.refresh(show_indexing);
  if (!current) fmt::print(stderr, "another process is bringing the index up to date: the list may lack its latest runs\n");
  return index.runs();
}

void prune(const std::string& root, bool dry_run) {
  std::uintmax_t bytes = 0;
  std::size_t count = 0;
  for (const auto& folder : store::list_run_folders(root)) {
    std::vector<store::RemovableFile> files;
    try {
      const StoredRun run = read_stored_run(folder);
      if (!run.record.complete) continue;
      files = removable_files(run.record, folder, shown_clips(run.record, gate::judge(run.record), folder));
    } catch (const std::exception& error) {  // a run that is not what it was is evidence: it stays as it is
      fmt::print(stderr, "left alone: {}\n", error.what());
      continue;
    }
    for (const auto& file : files) {
      fmt::print("{} {} ({} bytes)\n", dry_run ? "would remove" : "removing", file.path.string(), file.bytes);
      if (!dry_run) std::filesystem::remove(file.path);
      bytes += file.bytes;
      ++count;
    }
  }
  fmt::print("{} {} files, {} bytes\n", dry_run ? "would remove" : "removed", count, bytes);
}

}  // namespace

int list_runs(const ListOptions& options) {
  if (options.prune) {
    if (!std::filesystem::is_directory(options.out)) throw UsageError(fmt::format("--out {}: there is no such folder", options.out));
    prune(options.out, options.dry_run);
    return static_cast<int>(ExitStatus::held);
  }
  const auto runs = indexed_runs(options.out);
  fmt::print("{}", options.json ? as_json(runs) : as_text(runs));
  return static_cast<int>(ExitStatus::held);
}

}  // namespace wan::cli
