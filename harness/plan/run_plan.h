// What a run will do, worked out before anything is loaded: the cells (configuration x prompt x seed) in the order of execution. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/plan/case.h"
#include "harness/plan/parse.h"
#include "harness/plan/shape.h"
#include "harness/plan/tier.h"

namespace wan::plan {

struct PlannedConfiguration {
  Configuration configuration;
  Shape shape = {};     // resolved; the run's, with the configuration's own guidance
  bool judged = false;  // false: it is here as somebody's baseline or noise floor only
};

struct PlannedCell {
  std::size_t configuration = 0;  // index into RunPlan::configurations
  std::size_t prompt = 0;         // index into RunPlan::prompts
  std::uint64_t seed = 0;
  bool teacher_forced = false;  // a baseline keeps its trajectory, the others are driven along it
  bool operator==(const PlannedCell&) const = default;
};

struct RunPlan {
  std::string tier_id, tier_title, suite_id;
  Shape shape = {};  // resolved: no zeros
  std::vector<std::uint64_t> seeds = {};
  std::vector<Prompt> prompts = {};
  std::vector<std::string> metrics = {};  // ids; empty: the default set
  // Quality baselines first, then noise floors, speed baselines, candidates: one load a configuration, and every clip that a candidate is
  // compared with exists before it.
  std::vector<PlannedConfiguration> configurations = {};
  std::vector<PlannedCell> cells = {};  // configuration-major, then prompt, then seed
};

// Throws UsageError for a shape the model cannot serve or a filter that does not parse. No cells left is not an error here (exit status 5
// is the caller's). Baselines are planned for exactly those prompts and seeds that a filtered candidate needs.
RunPlan make_run_plan(const RunConfig& config, const ModelDefaults& model);

// What the cell renders; `context` adds what only the loaded engine knows.
Case make_case(const RunPlan& plan, const PlannedCell& cell, const CaseContext& context);

// Recorded seconds, from the store. A configuration that is absent has no prediction.
struct Costs {
  std::map<std::string, double> load_s;  // by configuration id
  std::map<std::string, double> clip_s;
  std::map<std::string, double> steps_s = {};  // of one request for timed steps
};

}  // namespace wan::plan
