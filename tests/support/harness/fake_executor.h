// Executors without an engine: clips and times of steps are a pure function of request and configuration, failures are injected, every call
// is noted.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/plan/run_plan.h"
#include "harness/run/executor.h"
#include "harness/run/request.h"

namespace wan::testing {

// What all executors of a test share.
struct FakeEngine {
  std::unique_ptr<run::Executor> make();

  // May throw, or change the report or the result.
  std::function<void(const LoadRequest&, LoadReport&)> on_load = {};
  std::function<void(const GenerationRequest&, GenerationResult&)> on_generate = {};
  std::function<void(const GenerationRequest&, TimedSteps&)> on_time_steps = {};
  std::string weights_hash = "weights";
  bool outlives_faults = false;

  std::vector<std::string> loads = {};              // ids of the first optimisation, "" for the reference
  std::vector<GenerationRequest> generations = {};  // warm-ups too
  std::vector<GenerationRequest> timings = {};      // of steps
  std::vector<std::string> replays = {};            // trajectory files
  std::size_t loaded = 0, most_loaded = 0;          // at once
};

// bf16, phase0 and `fast` (one optimisation, claims speed) over `prompts` prompts and one seed, 16 x 16 pixels, 5 frames, 4 steps.
plan::RunPlan small_plan(std::size_t prompts = 3, std::vector<std::string> metrics = {"mse"});
run::RunRequest small_request();

}  // namespace wan::testing
