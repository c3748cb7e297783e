// wan-eval: measures speed and quality of configurations and judges them. Exit status: harness/cli/exit_status.h.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <variant>

#include "engine/base/error.h"
#include "harness/cli/eval_options.h"
#include "harness/cli/exit_status.h"

namespace {

template <typename... Lambdas>
struct Overloaded : Lambdas... {
  using Lambdas::operator()...;
};

int run_command(const wan::cli::Command& command) {
  using namespace wan::cli;
  return std::visit(
      Overloaded{
          [](const RunOptions& options) { return evaluate(options); }, [](const BenchmarkOptions& options) { return benchmark(options); },
          [](const MetricsOptions& options) { return options.sets.on ? score_sets(options) : score_clips(options); },
          [](const GateOptions& options) { return judge_run(options); }, [](const ReportOptions& options) { return report_run(options); },
          [](const CompareOptions& options) { return compare_stored(options); },
          [](const BaselineOptions& options) { return manage_baselines(options); },
          [](const RolloutOptions& options) { return roll_out(options); },
          [](const MergeOptions& options) { return merge_shards(options); },
          [](const ListOptions& options) {
            return options.what == "runs"      ? list_runs(options)
                   : options.what == "history" ? list_history(options)
                                               : list_catalogues(options);
          },
          [](const DoctorOptions& options) { return examine_machine(options); },
          [](const HelpOptions& options) { return explain(options); }, [](const WorkerOptions& options) { return work(options); },
          [](const ShowText& show) {
            fmt::print("{}", show.text);
            return static_cast<int>(ExitStatus::held);
          }},
      command);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_command(wan::cli::parse_command_line(argc, argv));
  } catch (const wan::UsageError& error) {
    fmt::print(stderr, "wan-eval: {}\n", error.what());
    return static_cast<int>(wan::cli::ExitStatus::usage);
  } catch (const std::exception& error) {  // the disk, the device, or a fault of ours: no verdict either way
    fmt::print(stderr, "wan-eval: {}\n", error.what());
    return static_cast<int>(wan::cli::ExitStatus::invalid);
  }
}
