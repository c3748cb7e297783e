// A tier: a shape, a list of configurations, and the gate that judges them. One TOML file in suites/tiers (schema: suites/schema.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/optimization_info.h"

namespace wan::plan {

enum class Benefit { none, speed, memory, throughput };
enum class GateKind { roadmap, calibrated };
const char* to_string(Benefit benefit);
const char* to_string(GateKind gate);

// What a criterion that is missed does. Ordered: the later is the stricter.
enum class Level {
  off,    // nothing: it is not judged, and says so
  warn,   // is shown, and changes no verdict
  error,  // decides
};
const char* to_string(Level level);

// Of each criterion, named as its threshold where it has one.
struct Levels {
  Level min_ssim = Level::error, reject_ssim = Level::error, max_lpips = Level::error, min_psnr_db = Level::error;
  Level max_artifact_share = Level::error;
  Level calibrated_ratio = Level::error, teacher_forced_max = Level::error;
  Level materiality = Level::error, claim = Level::error, min_speedup = Level::error;
  Level crashes = Level::error, out_of_memory = Level::error, nonfinite = Level::error;
  Level bit_equality = Level::error;  // of an exact optimisation
  Level audits = Level::error;        // whether the clips were made at all
  bool operator==(const Levels&) const = default;
};

// Bounds of both quality gates and of the speed gate (design.md section 5). Defaults are the roadmap's.
struct Thresholds {
  double min_ssim = 0.95, max_lpips = 0.05, min_psnr_db = 30.0;  // strict: the value must lie beyond the bound
  double reject_ssim = 0.90;                                     // below: rejected
  double max_artifact_share = 0.10;                              // of clips; above: rejected
  double calibrated_ratio = 1.15;                                // upper bound of candidate over mean of bf16_twin
  std::optional<double> teacher_forced_max = {};
  double materiality = 0.01;               // epsilon of the speed gate
  std::optional<double> min_speedup = {};  // over speed_baseline
  Levels levels = {};
  bool operator==(const Thresholds&) const = default;
};

struct Configuration {
  std::string id;
  std::string summary = {};
  std::vector<OptimizationChoice> optimizations = {};  // the base's first; parameters resolved, so equal lists mean equal pixels
  Benefit benefit = Benefit::none;
  std::optional<double> claim = {};  // the bound it claims: least speed-up or throughput factor; memory: greatest share of weight bytes
  std::string speed_baseline = "phase0";
  std::string quality_baseline = "bf16";
  std::string noise_floor = "bf16_twin";  // equally valid as the quality baseline; its distance is shown beside every threshold
  GateKind gate = GateKind::roadmap;      // which one decides; both are shown
  Thresholds thresholds = {};             // the tier's, changed by the configuration's own
  std::optional<double> guidance = {};    // both scales, where the configuration fixes them (fast_mode)
  bool operator==(const Configuration&) const = default;
};

// Ids of the configurations whose clips or times this one is judged against; none for one that is its own quality baseline.
std::vector<std::string> needed_baselines(const Configuration& configuration);

// Size of one generation. Zeros mean: the model's default.
struct Shape {
  std::int64_t width = 0, height = 0, frames = 0, steps = 0;
  std::string solver = {};  // empty: the checkpoint's
  double shift = 0;
  std::optional<double> guidance_low = {}, guidance_high = {};
  std::string precision = "bfloat16";
  std::string reference = "auto";
  bool operator==(const Shape&) const = default;
};

struct TierConfig {
  std::string id;  // "2"
  std::string title = {};
  Shape shape = {};
  std::int64_t steps_a_visit = 0;  // Settings::steps_a_visit
  std::vector<Configuration> configurations = {};
  std::string source = {};  // the file it came from
};

struct Prompt {
  std::string id;
  std::string category;
  std::string text;
  std::string negative = {};  // empty: the reference's default
  bool operator==(const Prompt&) const = default;
};

struct Suite {
  std::string id;
  std::string purpose = {};
  std::vector<Prompt> prompts = {};
  std::vector<std::uint64_t> seeds = {};
  std::vector<std::string> metrics = {};  // ids; empty: the default set
  std::string source = {};
};

}  // namespace wan::plan
