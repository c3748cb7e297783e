// `benchmark`: the roadmap's spelling of `run`.
#include <fmt/format.h>

#include "engine/base/error.h"
#include "engine/generator.h"
#include "harness/cli/eval_options.h"
#include "harness/cli/resources.h"
#include "harness/plan/parse.h"
#include "metrics/scorer.h"

namespace wan::cli {

std::string benchmark_configuration(const std::string& mode, const std::vector<plan::TierConfig>& tiers) {
  if (mode == "baseline") return "phase0";
  std::string highest;
  for (const auto& tier : tiers)  // sorted by id
    for (const auto& configuration : tier.configurations)
      if (configuration.id.ends_with("_all")) highest = configuration.id;
  if (highest.empty()) throw UsageError("benchmark --mode optimized: no tier has a configuration whose name ends in _all");
  return highest;
}

int benchmark(const BenchmarkOptions& options) {
  const plan::Known known{.optimizations = list_optimizations(), .metrics = metrics::list_metrics()};
  RunOptions run = options.run;
  const std::string id = benchmark_configuration(options.mode, plan::list_tiers(suites_dir(), known));
  run.assignments.push_back({.key = "configs", .value = id, .origin = "--mode"});
  fmt::print(stderr, "benchmark: the same as wan-eval run --config {} --blocks {}\n", id, options.num_runs);
  return evaluate(run);
}

}  // namespace wan::cli
