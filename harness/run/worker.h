// The worker process: an engine that is told over a channel what to do, by one harness, and that ends with it.
#pragma once

#include "harness/run/executor.h"

namespace wan::run {

// Serves until the other end of `channel` is closed, then ends the process at once: there is nothing to save, and the engine may be in the
// middle of a step. SIGINT and SIGTERM are ignored, for the harness decides what they mean.
[[noreturn]] void run_worker(int channel, Executor& engine);

}  // namespace wan::run
