// `list history`: what the runs below a folder say together, and where speed or quality changed its level. It informs: the exit status is 0
// whatever it finds.
#include <fmt/format.h>

#include "engine/base/error.h"
#include "harness/cli/eval_options.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/history_text.h"
#include "harness/cli/indexing_progress.h"

namespace wan::cli {

int list_history(const ListOptions& options) {
  if (options.prune) throw UsageError("--prune is of the runs alone: `wan-eval list runs --prune`");
  if (!std::filesystem::is_directory(options.out)) throw UsageError(fmt::format("--out {}: there is no such folder", options.out));
  const auto history = history::read_history(options.out, {.configurations = options.configs}, show_indexing);
  for (const auto& reason : history.skipped) fmt::print(stderr, "left out: {}\n", reason);
  fmt::print("{}", options.json ? history_json(history) : history_text(history));
  return static_cast<int>(ExitStatus::held);
}

}  // namespace wan::cli
