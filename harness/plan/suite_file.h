// One suite file and those it extends.
#pragma once

#include <filesystem>

#include "harness/plan/document.h"
#include "harness/plan/fault.h"
#include "harness/plan/parse.h"
#include "harness/plan/tier.h"

namespace wan::plan {

// Prompts of the extended suite come first; seeds and metrics are its own unless the file sets them.
Suite read_suite_file(const std::filesystem::path& path, const Known& known, Faults& faults);

// A fault for every name in the list that is neither a metric of this build nor a score that one gives.
void check_metrics(const Member& list, const Known& known, Faults& faults);

}  // namespace wan::plan
