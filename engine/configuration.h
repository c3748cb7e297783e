// A configuration = an ordered list of optimisations, folded over the reference seams. Faults of the list are found before a device is
// touched.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/optimization.h"

namespace wan {

struct AppliedConfiguration {
  Seams seams;
  Placement placement = {};
  std::vector<std::string> fallbacks = {};  // entries that cannot run here, one sentence each
  std::vector<std::string> emulations = {};
};

struct TargetDevice {
  std::string kind = "cpu";  // cpu, cuda
  int blocks = 0;
  std::int64_t head_dim = 128;
  std::int64_t vae_tile_margin = 0;
  bool here = true;     // false: only planned for, so its kernels are not asked for
  bool strict = false;  // an entry that cannot run here is a UsageError
};

// Throws UsageError for what check_configuration (engine/generator.h) reports.
AppliedConfiguration apply_configuration(std::span<const OptimizationChoice> optimizations, const TargetDevice& target);

}  // namespace wan
