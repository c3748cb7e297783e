// `gate` and `report`: verdicts and reports given again from stored files, without an engine.
#include <fmt/format.h>

#include <cstdio>
#include <optional>

#include "engine/base/error.h"
#include "harness/cli/ab_votes.h"
#include "harness/cli/eval_options.h"
#include "harness/cli/eval_outputs.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/indexing_progress.h"
#include "harness/cli/stored_run.h"
#include "harness/gate/judge.h"
#include "harness/history/history.h"
#include "harness/store/cell_log.h"
#include "reports/ab_page.h"
#include "reports/format.h"

namespace wan::cli {
namespace {

constexpr const char* kAbPageFile = "ab.html";

// Runs like this one below the folder that it stands in.
history::History history_beside(const StoredRun& run) {
  if (run.folder.empty()) throw UsageError("--history: a single file has no runs beside it; name the run's folder");
  const auto root = std::filesystem::absolute(run.folder / "").parent_path().parent_path();
  return history::read_history(root, {.scope = history::scope_of(run.record)}, show_indexing);
}

int write_ab_page(const ReportOptions& options, const StoredRun& run, std::span<const gate::Verdict> verdicts) {
  if (run.folder.empty())
    throw UsageError(fmt::format("--ab: {} is a single file, which has no clips; name the run's folder", options.run));
  const auto page = reports::render_ab_page({.run = run.record, .verdicts = verdicts, .run_dir = run.folder},
                                            {.trials = options.ab_trials, .seed = options.ab_seed});
  const auto path = run.folder / kAbPageFile;
  store::replace_file(path, page.html);
  fmt::print(stderr, "blind trials: {} ({}, {} of them shown twice, {})\n{}\n", path.string(), reports::count_of(page.trials, "pair"),
             page.repeats, reports::format_bytes(static_cast<std::int64_t>(page.html.size())), page.media);
  if (page.left_out > 0) fmt::print(stderr, "left out: {}; --ab-trials N takes more\n", reports::count_of(page.left_out, "further pair"));
  if (page.without_clips > 0)
    fmt::print(stderr, "without kept clips: {}; a run with --keep-clips has them\n", reports::count_of(page.without_clips, "further pair"));
  fmt::print(stderr, "votes that it exports: wan-eval gate {} --votes FILE, or the folder {} for the report\n", options.run,
             (run.folder / kVotesFolder).string());
  return static_cast<int>(ExitStatus::held);
}

}  // namespace

int judge_run(const GateOptions& options) {
  check_output_paths(options.outputs);
  const StoredRun run = read_stored_run(options.run);
  const auto verdicts = gate::judge(run.record);
  const auto claims = shipped_claims();
  std::optional<gate::HumanAb> people;
  if (!options.votes.empty()) people = judge_vote_files(run.record, {options.votes.begin(), options.votes.end()}, options.ab_margin);
  const reports::Dataset data{.run = run.record,
                              .verdicts = verdicts,
                              .run_dir = run.folder,
                              .claims = claims,
                              .cost = options.outputs.cost,
                              .people = people ? &*people : nullptr};
  write_outputs(data, options.outputs);
  print_table(data, options.outputs);
  const ExitStatus status = people ? exit_status(verdicts, *people) : exit_status(verdicts);
  return static_cast<int>(options.outputs.exit_zero ? ExitStatus::held : status);
}

int report_run(const ReportOptions& options) {
  check_output_paths(options.outputs);
  const StoredRun run = read_stored_run(options.run);
  const auto verdicts = gate::judge(run.record);
  const auto claims = shipped_claims();
  if (options.ab) return write_ab_page(options, run, verdicts);
  const auto people = judge_collected_votes(run.record, run.folder, options.ab_margin);
  const auto history = options.history ? std::optional(history_beside(run)) : std::nullopt;
  const reports::Dataset data{.run = run.record,
                              .verdicts = verdicts,
                              .run_dir = run.folder,
                              .claims = claims,
                              .cost = options.outputs.cost,
                              .history = history ? &*history : nullptr,
                              .people = people ? &*people : nullptr};
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
