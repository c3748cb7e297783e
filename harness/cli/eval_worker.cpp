#include <memory>

#include "harness/cli/eval_options.h"
#include "harness/run/null_executor.h"
#include "harness/run/worker.h"

namespace wan::cli {

int work(const WorkerOptions& options) {
  const auto engine = options.null ? run::make_null_executor(options.fault) : run::make_in_process_executor();
  run::run_worker(options.channel, *engine);
}

}  // namespace wan::cli
