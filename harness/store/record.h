// What one run leaves behind: everything a verdict or a report needs, versioned, and nothing that needs an engine to read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/optimization_info.h"
#include "engine/base/stage_times.h"
#include "harness/machine/covariates.h"
#include "harness/plan/tier.h"
#include "metrics/score.h"

namespace wan::store {

inline constexpr int kSchema = 4;

// The machine and the build: a number without them is not a result.
struct Environment {
  std::string version, git_revision, build_id, build_type, compiler;
  std::string libtorch;
  std::string device = "cpu", device_name;  // device_name: GPU, or the CPU's model
  std::string driver = {}, cuda = {};       // of NVML: the driver, and the highest CUDA that it serves; empty without a GPU
  std::string host_os, cpu;
  int cores = 0;
  std::int64_t memory_bytes = 0;
  std::string started_at;                  // UTC, ISO 8601
  std::vector<std::string> warnings = {};  // what may disturb the measurement, one sentence each
};

enum class CellStatus { done, failed, skipped, interrupted };
const char* to_string(CellStatus status);

// One clip: configuration x prompt x seed. A record holds every cell that its plan wants; one that was not reached yet is `interrupted`.
struct Cell {
  std::string configuration, prompt, category;
  std::uint64_t seed = 0;
  std::string key;  // hash of everything that changes the pixels
  CellStatus status = CellStatus::done;
  std::string reason = {};                     // why it is not done: crash, oom, nan, usage, cancelled + text
  std::string clip_hash = {}, clip_file = {};  // file relative to the run's folder; empty if not kept
  metrics::QualityScores scores = {};          // against its quality baseline; empty for a baseline itself
  StageTimes stages = {};
  double elapsed_s = 0;  // of its generation in this run; 0 if the clip came from the store
  bool timed = false;    // false: resumed or cached, so the time is of another visit
  std::int64_t transformer_forwards = 0, peak_bytes = 0, nonfinite = 0;
  std::vector<std::string> fallbacks = {};
  std::vector<std::string> retries = {};   // why it was begun again: workers and devices that were lost
  std::vector<std::string> log_tail = {};  // the last lines of a worker that was lost for good
  std::string seal = {};                   // harness/store/seal.h; empty until the cell is stored
};

// What a visit times in place of clips: the first denoising steps of each expert, of one and the same request in every visit of a
// configuration. What counts is the loop of a whole clip that they predict (gate/visit_times.h).
struct TimedSteps {
  std::string prompt;
  std::uint64_t seed = 0;
  std::int64_t clip_high_noise_steps = 0, clip_low_noise_steps = 0;      // that a whole clip takes
  std::vector<double> high_noise_step_s = {}, low_noise_step_s = {};     // in their order, of all runs of the visit
  std::vector<double> run_s = {};                                        // wall time of each run, text encoding included
  std::int64_t transformer_forwards = 0, peak_bytes = 0, nonfinite = 0;  // forwards and values of all runs
  std::string latents_hash = {};                                         // of the latents that each run ended with
  std::vector<std::string> fallbacks = {};
};

// A stay at one configuration within one block: what the speed gate pairs.
struct Visit {
  std::string configuration;
  std::int64_t block = 0;
  std::string device = {};                             // that it ran on; all visits of a block on the same
  std::vector<double> clip_s = {};                     // of its timed generations, in their order
  std::optional<TimedSteps> steps = {};                // in place of them, where the run has steps_a_visit
  double load_s = 0;                                   // 0: it was still loaded
  double warm_up_s = 0;                                // untimed work before the first
  std::optional<machine::Covariates> covariates = {};  // of the timed work
  std::string void_reason = {};                        // why its times count for nothing; empty: nothing is known against them
  std::string seal = {};                               // harness/store/seal.h; empty until the visit is stored
};

struct ConfigurationRecord {
  plan::Configuration configuration;
  std::vector<Cell> cells = {};
  std::vector<std::string> fallbacks = {};  // at load
  double load_s = 0;
  std::int64_t weight_bytes = 0;
  std::string speed_claimable = {};            // empty: its time may be judged; else why not (cpu emulates fp8, ...)
  std::optional<OptimizationClass> kind = {};  // the loosest class among its optimisations; absent: it has none
  bool judged = true;                          // false: it runs only because others are compared with it
  std::vector<std::string> elsewhere = {};     // of a shard: the cells that other shards make, "<prompt> <seed>"
};

// The second and last look at the speeds that the planned blocks leave open, registered before the first (measure/speed_evidence.h).
struct Extension {
  std::int64_t blocks = 0;                       // that may follow the planned ones; 0: none is registered, there is one look
  bool decided = false;                          // the planned blocks are done, and the fields below say what became of it
  std::vector<std::string> configurations = {};  // whose speed was open then
  std::string unused = {};                       // why these were not timed further; empty: they were, beside their speed baselines
  bool operator==(const Extension&) const = default;
};

// How far an equally valid run lies from the quality baseline, as the calibrated gate measures it (gate/noise_floor.h).
struct PromptDistance {
  std::string prompt;
  double log_distance = 0;  // natural logarithm, mean over seeds and nights
  bool operator==(const PromptDistance&) const = default;
};
struct FloorDistance {
  std::string name;  // lpips.alex, 1-ssim.ipol, mse
  std::vector<PromptDistance> prompts = {};
  bool operator==(const FloorDistance&) const = default;
};
// What a promoted baseline holds of it, as it was when the run began: a verdict is given again from the record alone.
struct PromotedFloor {
  std::string configuration;  // bf16_twin
  std::int64_t nights = 0;
  std::string date = {};          // of the last night, UTC
  std::string weights_hash = {};  // of the model that it was measured on
  std::vector<FloorDistance> distances = {};
  bool operator==(const PromotedFloor&) const = default;
};

struct RunRecord {
  int schema = kSchema;
  std::string run_id;
  std::string plan_hash = {};  // of everything that was asked for: a run is resumed only by the same request
  std::string shard = {};      // "2/4"; empty: the whole plan. Not part of the plan's hash
  std::string command;         // how to reproduce
  Environment environment;
  std::string device_class = {};  // what may change rounding: the GPU's model, or CPU model and thread count
  std::string tier_id, tier_title, suite_id, model, model_task, weights_hash;
  plan::Shape shape;  // resolved: no zeros
  std::vector<std::uint64_t> seeds = {};
  std::vector<plan::Prompt> prompts = {};
  std::vector<ConfigurationRecord> configurations = {};
  std::uint64_t order_seed = 0;    // of the schedule
  std::int64_t blocks = 0;         // planned
  std::int64_t runs_a_visit = 1;   // timed generations (or timings of steps) at the least; their median counts
  std::int64_t steps_a_visit = 0;  // denoising steps of each expert, whose predicted loop is the time that counts; 0: whole clips are timed
  Extension extension = {};
  std::vector<PromotedFloor> promoted_floors = {};  // empty: the calibrated gate compares with the run's own
  std::string floor_source = {};                    // the baseline that they are of, or why there are none
  std::vector<Visit> visits = {};                   // in the order of time; a block that was cut off is made again as a whole
  bool complete = false;                            // false: interrupted, resumable
  double elapsed_s = 0;
  std::string seal = {};  // over everything above and the seals of the cells
};

}  // namespace wan::store
