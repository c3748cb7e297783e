// Reads what to run: tier files, suite files, a config file and assignments of the command line. Everything is strict: unknown keys, wrong
// types, values out of range, unknown ids and clashing configurations are faults, and all faults of all files are thrown together in one
// UsageError, one a line as `file:line:column: message`. Ids are checked against lists that the caller hands in, so no engine is needed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/optimization_info.h"
#include "harness/plan/tier.h"
#include "metrics/score.h"

namespace wan::plan {

// What this build offers.
struct Known {
  std::vector<OptimizationInfo> optimizations;
  std::vector<metrics::MetricInfo> metrics;
};

// Which seeds of the suite: all of them, these, or (empty) its first.
struct SeedChoice {
  bool all = false;
  std::vector<std::uint64_t> seeds = {};
  bool operator==(const SeedChoice&) const = default;
};

// What a run is told besides the contents of its tiers. These are the built-in defaults; layers change single fields.
struct Settings {
  std::vector<std::string> tiers = {};    // ids, or paths ending in .toml
  std::vector<std::string> configs = {};  // configuration ids; a+b stacks
  std::string suite = "roadmap12";        // id, or a path ending in .toml
  SeedChoice seeds = {};
  std::string filter = {};  // expression over "configuration prompt category seed"; empty: everything
  std::string model = "wan-tiny";
  std::string device = "cpu";
  std::int64_t threads = 0;               // 0: LibTorch's default
  std::string noise_source = "cpu";       // cpu or cuda
  bool strict = false;                    // a fallback is an error
  std::string out = "runs";               // folder that run folders are made in
  std::vector<std::string> metrics = {};  // ids; empty: the suite's, else the default set
  std::int64_t blocks = 0;                // in which every configuration is visited once; 0: one a clip, kBlocks at the most
  std::int64_t runs_a_visit = 1;          // timed generations at the least, whose median is the visit's time
  std::int64_t steps_a_visit = 0;         // of each expert, timed in place of clips; 0: clips. Overridden as `shape`
  bool extension = false;                 // speeds that these blocks leave open get as many again, once
  std::uint64_t order_seed = 1;           // of the order of visits
  std::int64_t teacher_forced = 1;        // prompts on which candidates are driven along their baseline's trajectory
  Shape shape = {.steps = 10};            // overridden by the tier, then by the config file, then by assignments
  bool operator==(const Settings&) const = default;
};

// `key=value` from the command line. The text is read as whatever type the field has; lists are separated by commas.
struct Assignment {
  std::string key;  // "suite", "shape.steps", "thresholds.min_ssim"
  std::string value;
  std::string origin = "--set";  // the flag that a message names
};

// Splits the argument of --set. UsageError if there is no '='.
Assignment parse_assignment(const std::string& text);

// Layers from weakest to strongest: built-in < tier files < config_file < assignments (flags after --set, in the order given).
struct RunInputs {
  std::filesystem::path suites_dir;  // holds tiers/ and prompts/
  std::optional<std::filesystem::path> config_file = {};
  std::vector<Assignment> assignments = {};
};

// Everything selected, checked and linked.
struct RunConfig {
  Settings settings;
  std::string tier_id, tier_title;            // of the selected tiers, joined by '+'; "custom" for --config
  std::vector<Configuration> selected = {};   // in the order of the files or of --config
  std::vector<Configuration> baselines = {};  // what `selected` needs besides: quality baseline, noise floor, speed baseline
  Suite suite = {};
  std::vector<std::uint64_t> seeds = {};
};

RunConfig load_run_config(const RunInputs& inputs, const Known& known);

// One file. The bases and baselines that a tier names are looked up in it, then in 0.toml beside it.
TierConfig load_tier(const std::filesystem::path& path, const Known& known);
// One file and those it extends, which lie beside it.
Suite load_suite(const std::filesystem::path& path, const Known& known);

// What wan-generate reads from its config file and flags.
struct GenerateSettings {
  std::string model = "wan-tiny";
  std::string device = "cpu";
  std::int64_t threads = 0;
  std::vector<std::string> configs = {};  // at most one; a+b stacks; empty: the reference path
  std::string prompt = {};
  std::optional<std::string> negative_prompt = {};
  std::uint64_t seed = 42;
  Shape shape = {};
  std::string noise_source = "cpu";
  std::string noise_file = {};
  std::string save_file = {};
  std::string save_latents = {};
  bool strict = false;
  bool operator==(const GenerateSettings&) const = default;
};

struct GenerateConfig {
  GenerateSettings settings;
  Configuration configuration;  // id "bf16" with an empty list if none was asked for
};

GenerateConfig load_generate_config(const RunInputs& inputs, const Known& known);

// Every configuration of every readable tier file in `suites_dir`, for `wan-eval list`. Files with faults are left out.
std::vector<TierConfig> list_tiers(const std::filesystem::path& suites_dir, const Known& known);
// Ids of the suites in `suites_dir`, sorted.
std::vector<std::string> list_suites(const std::filesystem::path& suites_dir);

}  // namespace wan::plan
