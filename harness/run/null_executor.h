// An engine without a model, for what the harness itself costs and for its tests: clips at once, a pure function of prompt, seed and ids of
// optimisations, and on demand every way in which a worker process can go wrong.
#pragma once

#include <memory>
#include <string>

#include "harness/run/executor.h"

namespace wan::run {

// `fault` is empty, or `word@n`: that happens at the n-th request, the load being number 0. Throws UsageError naming the words.
std::unique_ptr<Executor> make_null_executor(const std::string& fault = {});

}  // namespace wan::run
