// Lists of optimisations: reading one, appending one to another, and whether their order makes sense.
#pragma once

#include <string>
#include <vector>

#include "harness/plan/document.h"
#include "harness/plan/fault.h"
#include "harness/plan/parse.h"

namespace wan::plan {

// `["fa2", { id = "fp8_linear", scope = "ffn" }]`, parameters checked and completed with their defaults. Entries with faults are left out.
std::vector<OptimizationChoice> read_optimizations(const Member& list, const Known& known, Faults& faults);

// Appends `more` to `list`. One that is there already with equal parameters is kept once; with others it is a fault.
void append_optimizations(std::vector<OptimizationChoice>& list, const std::vector<OptimizationChoice>& more, const Place& at,
                          Faults& faults);

// A fault for every optimisation that would replace what an earlier one put into a seam.
void check_seams(const std::vector<OptimizationChoice>& list, const Known& known, const Place& at, Faults& faults);

// "fp8_linear(granularity=per_tensor, scope=ffn)"
std::string describe_choice(const OptimizationChoice& choice);

}  // namespace wan::plan
