// Two runs side by side, for people and as JSON.
#pragma once

#include <string>

#include "harness/gate/compare_runs.h"
#include "harness/store/record.h"

namespace wan::cli {

std::string comparison_text(const gate::RunComparison& comparison, const store::RunRecord& first, const store::RunRecord& second);
std::string comparison_json(const gate::RunComparison& comparison, const store::RunRecord& first, const store::RunRecord& second);

}  // namespace wan::cli
