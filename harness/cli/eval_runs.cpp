// `list runs`: the runs below a folder, through their index; with --prune it removes what need not be kept.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/io/json.h"
#include "harness/cli/eval_options.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/indexing_progress.h"
#include "harness/cli/stored_run.h"
#include "harness/gate/judge.h"
#include "harness/store/index.h"
#include "harness/store/result_store.h"
#include "harness/store/retention.h"

namespace wan::cli {
namespace {

using io::quote_json;

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
  std::vector<std::string> texts;
  for (const auto& run : runs)
    texts.push_back(fmt::format(
        R"({{"folder":{},"state":"{}","problem":{},"started_at":{},"tier":{},"suite":{},"model":{},"device":{},"shard":{},"build_id":{},)"
        R"("plan_hash":{},"cells":{},"done":{},"failed":{},"elapsed_s":{}}})",
        quote_json(run.folder), state_of(run), quote_json(run.problem), quote_json(run.started_at), quote_json(run.tier_id),
        quote_json(run.suite_id), quote_json(run.model), quote_json(run.device_name), quote_json(run.shard), quote_json(run.build_id),
        quote_json(run.plan_hash), run.cells, run.done, run.failed, run.elapsed_s));
  return fmt::format("{{\"runs\":[{}]}}\n", fmt::join(texts, ","));
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
