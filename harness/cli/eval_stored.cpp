// `gate` and `report`: verdicts and reports given again from stored files, without an engine.
#include <fmt/format.h>

#include <cstdio>
#include <optional>

#include "engine/base/error.h"
#include "harness/cli/eval_options.h"
#include "harness/cli/eval_outputs.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/indexing_progress.h"
#include "harness/cli/stored_run.h"
#include "harness/gate/judge.h"
#include "harness/history/history.h"

namespace wan::cli {
namespace {

// Runs like this one below the folder that it stands in.
history::History history_beside(const StoredRun& run) {
  if (run.folder.empty()) throw UsageError("--history: a single file has no runs beside it; name the run's folder");
  const auto root = std::filesystem::absolute(run.folder / "").parent_path().parent_path();
  return history::read_history(root, {.scope = history::scope_of(run.record)}, show_indexing);
}

}  // namespace

int judge_run(const GateOptions& options) {
  check_output_paths(options.outputs);
  const StoredRun run = read_stored_run(options.run);
  const auto verdicts = gate::judge(run.record);
  const auto claims = shipped_claims();
  const reports::Dataset data{
      .run = run.record, .verdicts = verdicts, .run_dir = run.folder, .claims = claims, .cost = options.outputs.cost};
  write_outputs(data, options.outputs);
  print_table(data, options.outputs);
  return static_cast<int>(options.outputs.exit_zero ? ExitStatus::held : exit_status(verdicts));
}

int report_run(const ReportOptions& options) {
  check_output_paths(options.outputs);
  const StoredRun run = read_stored_run(options.run);
  const auto verdicts = gate::judge(run.record);
  const auto claims = shipped_claims();
  const auto history = options.history ? std::optional(history_beside(run)) : std::nullopt;
  const reports::Dataset data{.run = run.record,
                              .verdicts = verdicts,
                              .run_dir = run.folder,
                              .claims = claims,
                              .cost = options.outputs.cost,
                              .history = history ? &*history : nullptr};
  const OutputOptions& outputs = options.outputs;
  const bool anywhere = !(outputs.json + outputs.junit + outputs.markdown + outputs.html + outputs.csv).empty();
  if (data.run_dir.empty() && !anywhere)
    throw UsageError(fmt::format("{}: a single file has no folder for reports; say where with --html PATH or another format", options.run));
  if (!data.run_dir.empty()) {
    write_reports(data, data.run_dir);
    fmt::print(stderr, "report: {}\n", (data.run_dir / "report.html").string());
  }
  write_outputs(data, outputs);
  return static_cast<int>(ExitStatus::held);
}

}  // namespace wan::cli
