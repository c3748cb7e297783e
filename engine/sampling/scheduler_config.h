// A diffusers scheduler config: which solver, with which shift and options. A key that would change the picture is honoured or refused by
// name; absent keys have the defaults of the diffusers class.
#pragma once

#include <string>

#include "engine/generation.h"
#include "engine/io/json.h"
#include "engine/sampling/solver_options.h"

namespace wan::sampling {

struct SchedulerConfig {
  Solver solver = Solver::unipc;
  double shift = 1.0;
  SolverOptions options = {};
  bool operator==(const SchedulerConfig&) const = default;
};

// `class_name`: the class that model_index.json names, which stands above the file's own; empty: the file's own. Throws UsageError that
// lists every fault.
SchedulerConfig read_scheduler_config(const io::JsonValue& json, const std::string& class_name);

}  // namespace wan::sampling
