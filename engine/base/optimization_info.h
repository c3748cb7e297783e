// What a catalogue entry of the engine tells of itself; the harness plans with it and needs neither engine nor GPU for that.
#pragma once

#include <string>
#include <vector>

#include "engine/base/parameter.h"

namespace wan {

// exact: bit-equal clips. equivalent: another order of the same float operations, within `max_relative_l2` of the reference latents.
// lossy: changes the numbers; the quality gate judges.
enum class OptimizationClass { exact, equivalent, lossy };

struct OptimizationInfo {
  std::string id;
  std::string summary;  // one sentence
  OptimizationClass kind = OptimizationClass::exact;
  std::vector<ParameterInfo> parameters = {};
  std::vector<std::string> seams = {};  // names of the seams it fills; two fillers of one seam are a plan error unless one wraps
  bool wraps = false;                   // true: it calls what was in the seam before it, so it stacks
  double max_relative_l2 = 0.0;         // of the final latents, for `equivalent`
};

struct OptimizationChoice {
  std::string id;
  Parameters parameters = {};
  bool operator==(const OptimizationChoice&) const = default;
};

const char* to_string(OptimizationClass kind);

}  // namespace wan
