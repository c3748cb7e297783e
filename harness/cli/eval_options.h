// What wan-eval was asked to do, as plain values: the only thing that the sub-commands see of the command line.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harness/plan/parse.h"

namespace wan::cli {

// Where machine formats go: a path, "-" for stdout, or empty for nowhere.
struct OutputOptions {
  std::string json = {}, junit = {}, markdown = {}, html = {}, csv = {};
  std::string color = "auto";  // auto, always, never
  bool exit_zero = false;
};

struct RunOptions {
  std::optional<std::filesystem::path> config_file = {};
  std::vector<plan::Assignment> assignments = {};  // --set in the order given, then flags
  bool resume = false, dry_run = false;
  std::string executor = "process";  // each configuration in a worker; or in-process
  double budget_s = 0;               // 0: none
  OutputOptions outputs = {};
  std::string command = {};  // as typed, for the record
};

struct MetricsOptions {
  std::string reference, candidate;
  std::vector<std::string> metrics = {};  // empty: all but `null`
  std::string prompt = {};
  std::string json = "-";
};

struct GateOptions {
  std::string run;
  OutputOptions outputs = {};
};

struct ReportOptions {
  std::string run;
  OutputOptions outputs = {};
};

struct CompareOptions {
  std::string first, second;
  std::string json = {};  // a path, "-" for stdout, or empty
};

struct ListOptions {
  std::string what = {};  // empty: everything
  bool json = false;
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

using Command = std::variant<RunOptions, MetricsOptions, GateOptions, ReportOptions, CompareOptions, ListOptions, DoctorOptions,
                             HelpOptions, WorkerOptions, ShowText>;

// Without a sub-command it is `run`. Throws UsageError with the nearest valid name where one is near.
Command parse_command_line(int argc, char** argv);

// The sub-commands; each returns an exit status and may throw.
int evaluate(const RunOptions& options);
int score_clips(const MetricsOptions& options);
int judge_run(const GateOptions& options);
int report_run(const ReportOptions& options);
int compare_stored(const CompareOptions& options);
int list_catalogues(const ListOptions& options);
int examine_machine(const DoctorOptions& options);
int explain(const HelpOptions& options);
int work(const WorkerOptions& options);

}  // namespace wan::cli
