// A stack of optimisations as a person writes it on the command line.
#pragma once

#include <string>
#include <vector>

#include "engine/base/optimization_info.h"

namespace wan::cli {

// "fp8_linear:scope=full,granularity=per_channel+nan_guard". Values are read as the parameter's own type. Throws UsageError for an unknown
// id (with the nearest known one), an unknown parameter or a value of another type.
std::vector<OptimizationChoice> parse_optimization_list(const std::string& text);

}  // namespace wan::cli
