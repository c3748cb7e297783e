// `compare`: two stored runs side by side, without an engine.
#include <fmt/format.h>

#include <cstdio>

#include "harness/cli/comparison_text.h"
#include "harness/cli/eval_options.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/stored_run.h"
#include "harness/store/cell_log.h"

namespace wan::cli {

int compare_stored(const CompareOptions& options) {
  const store::RunRecord first = read_stored_run(options.first).record, second = read_stored_run(options.second).record;
  const gate::RunComparison comparison = gate::compare_runs(first, second);
  const bool json_takes_stdout = options.json == "-";
  if (!options.json.empty()) {
    const std::string json = comparison_json(comparison, first, second);
    if (json_takes_stdout)
      fmt::print("{}", json);
    else
      store::replace_file(std::filesystem::absolute(options.json), json);
  }
  fmt::print(json_takes_stdout ? stderr : stdout, "{}", comparison_text(comparison, first, second));
  return static_cast<int>(ExitStatus::held);
}

}  // namespace wan::cli
