// From a plan to what the executor is asked and what the store keeps: the request beside the plan, the record of a run that has not begun,
// and the values that cross the engine's door. Pure.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/generation.h"
#include "harness/plan/run_plan.h"
#include "harness/plan/schedule.h"
#include "harness/plan/shard.h"
#include "harness/store/record.h"

namespace wan::run {

// What a run needs to know that is not part of its plan.
struct RunRequest {
  std::string checkpoint_dir;
  std::string model;  // as the user named it, for the record
  std::string model_task = {};
  std::string device = "cpu";
  std::string device_class = "cpu";  // what may change rounding: the GPU's model, or CPU model and thread count
  std::string noise_source = "cpu";
  std::int64_t threads = 0;
  bool strict = false;
  std::string command = {};
  std::string build_id = {};
  std::filesystem::path data_dir = {};               // of the metrics
  std::vector<OptimizationInfo> optimizations = {};  // of this build: classes for the record
  store::Environment environment = {};
};

// Every planned cell as `interrupted`, keys without the weights (nothing is loaded yet), and the plan's hash.
store::RunRecord make_record(const plan::RunPlan& plan, const plan::Schedule& schedule, const RunRequest& request);

// The record of one shard: `part` is what plan::take_shard left of the plan that `whole` was made of.
store::RunRecord make_shard_record(const store::RunRecord& whole, const plan::RunPlan& part, const plan::Schedule& schedule,
                                   const plan::Shard& shard);

LoadRequest make_load_request(const plan::PlannedConfiguration& configuration, const RunRequest& request);
GenerationRequest make_generation_request(const plan::RunPlan& plan, const plan::PlannedCell& cell, const RunRequest& request);

// The cell's key once the weights are known.
std::string cell_key(const plan::RunPlan& plan, const plan::PlannedCell& cell, const RunRequest& request, const std::string& weights_hash);

}  // namespace wan::run
