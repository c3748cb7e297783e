// What wan-eval was asked to do, as plain values: the only thing that the sub-commands see of the command line.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harness/gate/clip_cost.h"
#include "harness/gate/human_ab.h"
#include "harness/plan/parse.h"

namespace wan::cli {

// Where machine formats go: a path, "-" for stdout, or empty for nowhere.
struct OutputOptions {
  std::string json = {}, junit = {}, markdown = {}, html = {}, csv = {};
  std::string color = "auto";  // auto, always, never
  bool exit_zero = false;
  gate::CostBasis cost = {};
};

struct RunOptions {
  std::optional<std::filesystem::path> config_file = {};
  std::vector<plan::Assignment> assignments = {};  // --set in the order given, then flags
  bool resume = false, dry_run = false;
  bool keep_clips = false;           // raw clips stay when the run is complete
  std::string executor = "process";  // each configuration in a worker; or in-process
  double budget_s = 0;               // 0: none
  std::string shard = {};            // "2/4"; empty: everything
  OutputOptions outputs = {};
  std::string command = {};  // as typed, for the record
};

// The roadmap's spelling of a run.
struct BenchmarkOptions {
  std::string mode = "optimized";  // baseline, optimized
  std::int64_t num_runs = 0;       // blocks
  RunOptions run = {};             // all but the configuration
};

// Of `metrics --sets`: two folders of clips.
struct SetsOptions {
  bool on = false;
  std::string extractor = "lpips_vgg";  // lpips_vgg, torchscript, i3d400
  std::string extractor_file = {}, extractor_sha256 = {};
  std::int64_t frames = 0;  // the first so many; 0: all
  bool unpaired = false;
  std::int64_t resamples = 1000, seed = 1;
};

struct MetricsOptions {
  std::string reference, candidate;
  std::vector<std::string> metrics = {};  // empty: all but `null`
  std::string prompt = {};
  std::string json = "-";
  SetsOptions sets = {};
};

struct GateOptions {
  std::string run;
  std::vector<std::string> votes = {};  // files of blind trials; without one people do not decide
  double ab_margin = gate::kAbMargin;
  OutputOptions outputs = {};
};

struct ReportOptions {
  std::string run;
  bool history = false;  // with what the runs beside it say together
  bool ab = false;       // the page of blind trials instead of the reports
  std::size_t ab_trials = 24;
  std::uint64_t ab_seed = 0;
  double ab_margin = gate::kAbMargin;
  OutputOptions outputs = {};
};

struct CompareOptions {
  std::string first, second;
  std::string json = {};  // a path, "-" for stdout, or empty
};

struct BaselineOptions {
  std::string action;                  // list, diff, propose, promote, calibrate
  std::vector<std::string> runs = {};  // folders of runs, or their exported JSON
  std::string dir = {};                // empty: suites/baselines
  std::string machine_class = {};      // name of a file, without its ending
  std::string reason = {};
};

struct RolloutOptions {
  std::string action;                                           // start, advance, status, watch, rollback
  std::string configuration = {};                               // empty: the only one that is under way
  std::string out = {};                                         // of the store; empty: runs, or what the config file of a start says
  std::optional<std::filesystem::path> config_file = {};        // of start
  std::string model = {}, flags = {};                           // of start
  std::string run = {};                                         // of advance
  std::vector<std::string> samples = {};                        // of watch
  std::string sample_list = {}, baselines = {}, on_alert = {};  // of watch
  std::string reason = {};                                      // of rollback
  std::string json = {};                                        // a path, "-" for stdout, or empty
};

struct ListOptions {
  std::string what = {};  // empty: every catalogue
  bool json = false;
  std::string out = "runs";               // of `list runs` and `list history`
  std::vector<std::string> configs = {};  // of `list history`; empty: all
  bool prune = false, dry_run = false;    // of `list runs`
};

struct MergeOptions {
  std::vector<std::string> runs;
  std::string out = "runs";
  bool partial = false;
};

struct DoctorOptions {
  std::string device = "cpu", model = "wan-tiny", out = "runs";
  std::string json = {};               // a path, "-" for stdout, or empty
  bool noise = false;                  // a long noise score
  std::optional<double> seconds = {};  // of the noise score; without it 3, or 30 for a long one
};

struct HelpOptions {
  std::string topic = {};  // empty: the list of topics
};

// Hidden: what the process executor starts.
struct WorkerOptions {
  int channel = -1;        // descriptor
  bool null = false;       // the null model instead of the engine
  std::string fault = {};  // of the null model
};

// --help or --version: nothing to do but to say something.
struct ShowText {
  std::string text;
};

using Command = std::variant<RunOptions, BenchmarkOptions, MetricsOptions, GateOptions, ReportOptions, CompareOptions, BaselineOptions,
                             RolloutOptions, MergeOptions, ListOptions, DoctorOptions, HelpOptions, WorkerOptions, ShowText>;

// Without a sub-command it is `run`. Throws UsageError with the nearest valid name where one is near.
Command parse_command_line(int argc, char** argv);

// The sub-commands; each returns an exit status and may throw.
int evaluate(const RunOptions& options);
int benchmark(const BenchmarkOptions& options);
int score_clips(const MetricsOptions& options);
int score_sets(const MetricsOptions& options);
int judge_run(const GateOptions& options);
int report_run(const ReportOptions& options);
int compare_stored(const CompareOptions& options);
int manage_baselines(const BaselineOptions& options);
int roll_out(const RolloutOptions& options);
int merge_shards(const MergeOptions& options);
int list_catalogues(const ListOptions& options);
int list_runs(const ListOptions& options);
int list_history(const ListOptions& options);
int examine_machine(const DoctorOptions& options);
int explain(const HelpOptions& options);
int work(const WorkerOptions& options);

// phase0 for the baseline; for the optimised mode the `*_all` of the highest tier that has one. `tiers` are sorted by id. UsageError.
std::string benchmark_configuration(const std::string& mode, const std::vector<plan::TierConfig>& tiers);

}  // namespace wan::cli
