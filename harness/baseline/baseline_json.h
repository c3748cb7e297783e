// Baselines as JSON and back. Reading is strict: another schema, an absent or unknown key, a wrong type or a number that is none is a
// UsageError that names the file and the path inside it.
#pragma once

#include <string>
#include <string_view>

#include "harness/baseline/baseline.h"

namespace wan::baseline {

// Indented, in the order of baseline_fields.h, ends with a newline. CheckError for a number that is not finite.
std::string to_json(const Baseline& baseline);
Baseline baseline_from_json(std::string_view text, const std::string& name);

}  // namespace wan::baseline
