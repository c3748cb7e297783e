// One clip to make, with everything that changes its pixels, and the key under which clip and scores are stored.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/optimization_info.h"
#include "harness/plan/tier.h"

namespace wan::plan {

// What a plan cannot know: the loaded engine and the machine.
struct CaseContext {
  std::string build_id;
  std::string weights_hash;
  std::string device_class;  // GPU model, or "cpu" with its model and thread count: what may change rounding
  std::string noise_source = "cpu";
  std::string tuned_choices = {};  // of max-autotune; empty: none
  bool operator==(const CaseContext&) const = default;
};

struct Case {
  std::vector<OptimizationChoice> optimizations = {};  // parameters resolved
  Shape shape = {};                                    // resolved
  std::string prompt = {}, negative = {};
  std::uint64_t seed = 0;
  CaseContext context = {};
  bool operator==(const Case&) const = default;

  // SHA-256 over every field above, lower-case hexadecimal.
  std::string key() const;
};

}  // namespace wan::plan
