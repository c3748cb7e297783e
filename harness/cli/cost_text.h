// What clips cost, as a table for the terminal.
#pragma once

#include <span>
#include <string>

#include "harness/gate/clip_cost.h"

namespace wan::cli {

// Empty without costs.
std::string cost_text(std::span<const gate::ClipCost> costs, const gate::CostBasis& basis);

}  // namespace wan::cli
