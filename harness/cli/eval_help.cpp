#include "engine/base/error.h"
#include "harness/cli/eval_options.h"

namespace wan::cli {

int explain(const HelpOptions& options) { throw UsageError(options.topic); }

}  // namespace wan::cli
