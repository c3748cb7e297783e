#include "harness/cli/eval_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <sstream>
#include <utility>

#include "engine/base/build_info.h"
#include "engine/base/error.h"
#include "harness/cli/arguments.h"

namespace wan::cli {
namespace {

constexpr std::array kSubcommands{"run",     "benchmark", "metrics", "gate",   "report", "compare", "baseline",
                                  "rollout", "merge",     "list",    "doctor", "help",   "worker"};

constexpr const char* kExamples = R"(Examples:
  wan-eval --tier 2                                  may FP8 and INT8 ship? on the embedded model
  wan-eval --tier 2 --model DIR --device cuda        the same on a checkpoint and a GPU
  wan-eval --config fp8_ffn --config int8_linear -k "animals or 42"
  wan-eval metrics --reference a.mp4 --candidate b.mp4 --metrics ssim.ipol,lpips.alex
  wan-eval help troubleshooting
Exit status: 0 all gates held, 1 a gate failed or rejected, 2 usage or config error, 3 measurement invalid or infrastructure,
  4 inconclusive, 5 nothing selected or no baseline, 130 interrupted (--resume continues))";

constexpr const char* kRolloutExamples = R"(Examples:
  wan-eval rollout start --config fp8_ffn --model DIR
  wan-eval --config fp8_ffn --model DIR --suite smoke -k cat_on_chair --blocks 6     evidence for the first phase
  wan-eval rollout advance
  wan-eval rollout watch production/2*/ --on-alert 'mail -s "$WAN_ROLLOUT_REASON" ops'
  wan-generate --flags runs/flags.toml --prompt "a red kite" --save_file kite.mp4
Phases, evidence, flags and exit codes: wan-eval help rollout)";

// A flag that stands for a setting.
struct SettingFlag {
  const char* key;
  const char* flag;
  const char* help;
  bool list;
};
constexpr SettingFlag kSettingFlags[] = {
    {"tiers", "--tier", "tier to run, an id or a .toml file (repeatable)", true},
    {"configs", "--config", "configuration to run instead of tiers; a+b stacks (repeatable)", true},
    {"suite", "--suite", "prompts and seeds, an id or a .toml file", false},
    {"model", "--model", "checkpoint folder, or the embedded wan-tiny", false},
    {"seeds", "--seeds", "seeds, separated by commas, or all", true},
    {"filter", "-k,--filter", "expression over configuration, prompt, category and seed", false},
    {"device", "--device", "cpu, cuda or cuda:<index>; with commas several that share the blocks", false},
    {"blocks", "--blocks", "how often each configuration is visited, in blocks of random order", false},
    {"runs_a_visit", "--runs-a-visit", "timed generations of a visit at the least; their median counts", false},
    {"steps_a_visit", "--steps-a-visit", "time this many denoising steps of each expert in place of clips", false},
    {"order_seed", "--seed-order", "seed of that order", false},
    {"out", "--out", "folder in which the run makes its own", false},
};

// What CLI11 fills while it parses; read afterwards.
struct Raw {
  std::vector<std::string> sets = {}, settings[std::size(kSettingFlags)];
  std::string config_file = {};
  bool strict = false, extension = false, resume = false, fresh = false, dry_run = false, keep_clips = false;
  std::string executor = RunOptions{}.executor, shard = {};
  double budget_s = 0;
  OutputOptions outputs = {};
  BenchmarkOptions benchmark = {};
  std::string checkpoint = {}, benchmark_suite = {}, benchmark_device = {}, benchmark_out = {};
  MetricsOptions metrics = {};
  GateOptions gate = {};
  ReportOptions report = {};
  CompareOptions compare = {};
  BaselineOptions baseline = {};
  RolloutOptions rollout = {};
  MergeOptions merge = {};
  ListOptions list = {};
  DoctorOptions doctor = {};
  HelpOptions help = {};
  WorkerOptions worker = {};
};

void add_outputs(CLI::App& app, OutputOptions& outputs) {
  app.add_option("--json", outputs.json, "record and verdicts as JSON; - is stdout")->group("Output");
  app.add_option("--junit", outputs.junit, "JUnit XML")->group("Output");
  app.add_option("--markdown", outputs.markdown, "Markdown")->group("Output");
  app.add_option("--html", outputs.html, "one self-contained page")->group("Output");
  app.add_option("--csv", outputs.csv, "one row a clip and score")->group("Output");
  app.add_option("--color", outputs.color, "auto, always or never")->check(CLI::IsMember({"auto", "always", "never"}))->group("Output");
  app.add_option("--price-per-hour", outputs.cost.price_per_hour, "of the machine: what a clip costs")
      ->check(CLI::Range(0.0, 1e9))
      ->group("Output");
  app.add_option("--development-cost", outputs.cost.development_cost, "in the same currency: after how many clips it has come back")
      ->check(CLI::Range(0.0, 1e15))
      ->group("Output");
  app.add_flag("--exit-zero", outputs.exit_zero, "exit with 0 whatever the verdict is")->group("Output");
}

void add_run(CLI::App& parent, Raw& raw) {
  CLI::App& app = *parent.add_subcommand("run", "run tiers or configurations, score, judge and report (the default)");
  for (std::size_t i = 0; i < std::size(kSettingFlags); ++i) {
    const SettingFlag& flag = kSettingFlags[i];
    auto* option = app.add_option(flag.flag, raw.settings[i], flag.help)->allow_extra_args(false)->group("Selection");
    if (flag.list) option->delimiter(',');
  }
  app.add_option("-c", raw.config_file, "config file, over the tiers and under --set")->group("Selection");
  app.add_option("--set", raw.sets, "key=value, over files and under flags (repeatable)")->allow_extra_args(false)->group("Selection");
  app.add_flag("--strict", raw.strict, "a fallback is an error")->group("Measurement");
  app.add_flag("--extension", raw.extension, "a speed that the blocks leave open gets as many again, once")->group("Measurement");
  auto* resume = app.add_flag("--resume", raw.resume, "continue the latest unfinished run of the same request")->group("Measurement");
  app.add_flag("--fresh", raw.fresh, "measure everything anew (the default)")->excludes(resume)->group("Measurement");
  app.add_flag("--dry-run", raw.dry_run, "say what would run, in which order and how long")->group("Measurement");
  app.add_option("--budget", raw.budget_s, "stop in order before a block that would end later: 90s, 25m or 2h")
      ->transform(CLI::AsNumberWithUnit(std::map<std::string, double>{{"s", 1}, {"m", 60}, {"h", 3600}}))
      ->group("Measurement");
  app.add_option("--executor", raw.executor, "where a configuration runs: in-process, or process, a worker each that may crash")
      ->check(CLI::IsMember({"in-process", "process"}))
      ->group("Measurement");
  app.add_option("--shard", raw.shard, "i/N: the i-th of N parts, for several machines; `merge` joins them")->group("Measurement");
  app.add_flag("--keep-clips", raw.keep_clips, "keep raw clips of the finished run, until `list runs --prune`")->group("Measurement");
  add_outputs(app, raw.outputs);
}

void add_benchmark(CLI::App& parent, Raw& raw) {
  CLI::App& app = *parent.add_subcommand("benchmark", "the roadmap's spelling of run: phase0, or the highest *_all there is");
  app.add_option("--mode", raw.benchmark.mode, "baseline (phase0) or optimized (the highest *_all there is)")
      ->check(CLI::IsMember({"baseline", "optimized"}));
  app.add_option("--num-runs", raw.benchmark.num_runs, "blocks: visits of each configuration; below six there is no verdict on speed")
      ->required()
      ->check(CLI::Range(1, 1000));
  app.add_option("--ckpt-dir,--model", raw.checkpoint, "checkpoint folder, or the embedded wan-tiny");
  app.add_option("--suite", raw.benchmark_suite, "prompts and seeds");
  app.add_option("--device", raw.benchmark_device, "cpu, cuda or cuda:<index>");
  app.add_option("--out", raw.benchmark_out, "folder in which the run makes its own");
  app.add_option("--set", raw.sets, "key=value (repeatable)")->allow_extra_args(false);
  app.add_flag("--resume", raw.resume, "continue the latest unfinished run of the same request");
  app.add_flag("--dry-run", raw.dry_run, "say what would run, in which order and how long");
  add_outputs(app, raw.outputs);
}

void add_baseline(CLI::App& parent, Raw& raw) {
  CLI::App& app =
      *parent.add_subcommand("baseline", "what several nights of a machine class agreed on: list, diff, propose, promote, calibrate");
  app.require_subcommand(1);
  const auto action = [&](const char* name, const char* help) {
    CLI::App& sub = *app.add_subcommand(name, help);
    sub.add_option("--dir", raw.baseline.dir, "folder of baselines; suites/baselines without it");
    sub.callback([&raw, name] { raw.baseline.action = name; });
    return &sub;
  };
  action("list", "every baseline, promoted or proposed");
  CLI::App* propose = action("propose", "a candidate from at least three valid runs of one plan and machine class");
  propose->add_option("runs", raw.baseline.runs, "folders of runs, or their exported JSON")->required();
  CLI::App* calibrate = action("calibrate", "write the noise floor (bf16_twin) of runs of one plan into the candidate");
  calibrate->add_option("runs", raw.baseline.runs, "folders of runs, or their exported JSON")->required();
  CLI::App* diff = action("diff", "the candidate against what is promoted");
  CLI::App* promote = action("promote", "make the candidate the promoted baseline; prints the git tag to set");
  promote->add_option("--reason", raw.baseline.reason, "why; needed where a margin loosens");
  for (CLI::App* sub : {diff, promote}) sub->add_option("--class", raw.baseline.machine_class, "which, where several are proposed");
}

void add_rollout(CLI::App& parent, Raw& raw) {
  CLI::App& app = *parent.add_subcommand(
      "rollout", "from one prompt to production, with evidence for each phase: start, advance, status, watch, rollback");
  app.require_subcommand(1);
  app.footer(kRolloutExamples);
  RolloutOptions& options = raw.rollout;
  const auto action = [&](const char* name, const char* help) {
    CLI::App& sub = *app.add_subcommand(name, help);
    sub.add_option("--config", options.configuration, "configuration; without it the only one that is under way");
    sub.add_option("--out", options.out, "folder of the runs, which holds the rollout's state; runs without it");
    sub.add_option("--json", options.json, "as JSON; - is stdout");
    sub.callback([&options, name] { options.action = name; });
    return &sub;
  };
  CLI::App* start = action("start", "begin with the first phase; the flag is off until production");
  start->get_option("--config")->required();
  start->add_option("-c", options.config_file, "config file that defines it or sets model, gate and thresholds");
  start->add_option("--model", options.model, "checkpoint folder, or the embedded wan-tiny");
  start->add_option("--flags", options.flags, "TOML file that `wan-generate --flags` reads; flags.toml in the store without it");
  CLI::App* advance = action("advance", "end the phase if a run is evidence for it; roll back if one failed");
  advance->add_option("run", options.run, "folder of the run that is the evidence, or its exported JSON; without it any of the store");
  action("status", "phases, evidence, flags, and what comes next");
  CLI::App* watch = action("watch", "sampled results of production against the promoted baseline; roll back if they are worse");
  watch->add_option("samples", options.samples, "folders of runs, their exported JSON, or scores of `wan-eval metrics --json`");
  watch->add_option("--list", options.sample_list, "file with such paths, one a line, relative to it");
  watch->add_option("--dir", options.baselines, "folder of baselines; suites/baselines without it");
  watch->add_option("--on-alert", options.on_alert, "shell command, run once if it rolls back; facts are in WAN_ROLLOUT_*");
  action("rollback", "switch it off now")->add_option("--reason", options.reason, "why, for the record");
}

// The page's script keeps the seed as a double, which is exact so far.
constexpr std::uint64_t kMostAbSeed = (std::uint64_t{1} << 53U) - 1;

void add_ab_margin(CLI::App& app, double& margin) {
  app.add_option("--ab-margin", margin, "how much less than one half of the people may prefer a candidate")->check(CLI::Range(0.0, 0.49));
}

void add_others(CLI::App& parent, Raw& raw) {
  CLI::App& metrics = *parent.add_subcommand("metrics", "score one clip against another");
  metrics.add_option("--reference", raw.metrics.reference, "clip: .mp4, .y4m, .safetensors or a folder of PNG; or a folder of them")
      ->required();
  metrics.add_option("--candidate", raw.metrics.candidate, "clip of the same size and length; or a folder of them")->required();
  metrics.add_option("--metrics", raw.metrics.metrics, "ids, separated by commas; without it all but the slowest")
      ->delimiter(',')
      ->allow_extra_args(false);
  metrics.add_option("--prompt", raw.metrics.prompt, "caption, for metrics that want one");
  metrics.add_option("--json", raw.metrics.json, "where the scores go; - (the default) is stdout");
  SetsOptions& of_sets = raw.metrics.sets;
  CLI::Option* sets = metrics.add_flag("--sets", of_sets.on, "both are folders of clips: distances between the sets");
  const auto set_option = [&](const char* name, auto& value, const char* help) {
    return metrics.add_option(name, value, std::string("of --sets: ") + help)->needs(sets);
  };
  set_option("--extractor", of_sets.extractor, "lpips_vgg (the default), torchscript or i3d400")
      ->check(CLI::IsMember({"lpips_vgg", "torchscript", "i3d400"}));
  set_option("--extractor-file", of_sets.extractor_file, "TorchScript module of your own, for the other two; it is a program, trust it");
  set_option("--extractor-sha256", of_sets.extractor_sha256, "what that file's SHA-256 must be");
  set_option("--frames", of_sets.frames, "the first so many frames of each clip; all without it")->check(CLI::PositiveNumber);
  set_option("--resamples", of_sets.resamples, "of the bootstrap interval; 0 for none")->check(CLI::NonNegativeNumber);
  set_option("--seed", of_sets.seed, "of the bootstrap");
  metrics.add_flag("--unpaired", of_sets.unpaired, "of --sets: clips of the same name do not belong together")->needs(sets);
  CLI::App& gate = *parent.add_subcommand("gate", "judge a stored run again; the exit status is the verdict");
  gate.add_option("run", raw.gate.run, "folder of a run, or its exported JSON")->required();
  gate.add_option("--votes", raw.gate.votes, "votes of people that a page of blind trials exported (repeatable); they decide as well");
  add_ab_margin(gate, raw.gate.ab_margin);
  add_outputs(gate, raw.gate.outputs);
  CLI::App& report = *parent.add_subcommand("report", "write the reports of a stored run again");
  report.add_option("run", raw.report.run, "folder of a run, or its exported JSON")->required();
  report.add_flag("--history", raw.report.history, "with the runs beside it: where speed or quality changed its level");
  auto* ab =
      report.add_flag("--ab", raw.report.ab, "instead of the reports a page of blind trials for people, ab.html in the run's folder");
  report.add_option("--ab-trials", raw.report.ab_trials, "how many pairs of clips at the most")->check(CLI::Range(1, 1000))->needs(ab);
  report.add_option("--ab-seed", raw.report.ab_seed, "of sides and order")->check(CLI::Range(std::uint64_t{0}, kMostAbSeed))->needs(ab);
  add_ab_margin(report, raw.report.ab_margin);
  add_outputs(report, raw.report.outputs);
  CLI::App& compare = *parent.add_subcommand("compare", "two stored runs side by side: scores paired by prompt, what changed");
  compare.add_option("run_a", raw.compare.first, "folder of a run, or its exported JSON")->required();
  compare.add_option("run_b", raw.compare.second, "the run that is held against it")->required();
  compare.add_option("--json", raw.compare.json, "as JSON; - is stdout");
  CLI::App& merge = *parent.add_subcommand("merge", "join the shards of one run");
  merge.add_option("runs", raw.merge.runs, "folders of the shards' runs, or their exported JSON")->required();
  merge.add_option("--out", raw.merge.out, "folder in which the joined run makes its own");
  merge.add_flag("--partial", raw.merge.partial, "missing cells are left to --resume instead of refused");
  CLI::App& list = *parent.add_subcommand("list", "every catalogue of this build, with versions; or the runs, or their history");
  list.add_option("what", raw.list.what, "tiers, suites, metrics, optimizations, models or sections; or runs; or history");
  list.add_flag("--json", raw.list.json, "as JSON on stdout");
  list.add_option("--out", raw.list.out, "of runs and history: the folder that the runs are kept in");
  list.add_option("--config", raw.list.configs, "of history: only these configurations (repeatable)")
      ->delimiter(',')
      ->allow_extra_args(false);
  auto* prune = list.add_flag("--prune", raw.list.prune, "of runs: remove raw clips that need not be kept, and say which");
  list.add_flag("--dry-run", raw.list.dry_run, "of --prune: only say")->needs(prune);
  CLI::App& doctor = *parent.add_subcommand("doctor", "examine machine and installation");
  doctor.add_option("--device", raw.doctor.device, "cpu, cuda or cuda:<index>");
  doctor.add_option("--model", raw.doctor.model, "checkpoint folder, or the embedded wan-tiny");
  doctor.add_option("--out", raw.doctor.out, "folder that runs are kept in");
  doctor.add_flag("--noise", raw.doctor.noise, "take 30 seconds for the noise score, not 3");
  doctor.add_option("--seconds", raw.doctor.seconds, "take so long for the noise score")->check(CLI::Range(0.0, 3600.0));
  doctor.add_option("--json", raw.doctor.json, "findings as JSON; - is stdout");
  CLI::App& help = *parent.add_subcommand("help", "explain a topic");
  help.add_option("topic", raw.help.topic, "without it: the topics");
  CLI::App& worker = *parent.add_subcommand("worker", "serve a harness over a channel")->group("");
  worker.add_option("--channel", raw.worker.channel, "descriptor of the channel")->required();
  auto* null = worker.add_flag("--null", raw.worker.null, "the null model instead of the engine");
  worker.add_option("--fault", raw.worker.fault, "word@request: what goes wrong in the null model, and when")->needs(null);
}

std::string joined(const std::vector<std::string>& words, const char* separator) { return fmt::format("{}", fmt::join(words, separator)); }

RunOptions run_options(const Raw& raw) {
  RunOptions options{.resume = raw.resume,
                     .dry_run = raw.dry_run,
                     .keep_clips = raw.keep_clips,
                     .executor = raw.executor,
                     .budget_s = raw.budget_s,
                     .shard = raw.shard,
                     .outputs = raw.outputs};
  if (!raw.config_file.empty()) options.config_file = raw.config_file;
  for (const auto& text : raw.sets) options.assignments.push_back(plan::parse_assignment(text));
  for (std::size_t i = 0; i < std::size(kSettingFlags); ++i) {
    if (raw.settings[i].empty()) continue;
    const SettingFlag& flag = kSettingFlags[i];
    // Of a setting that is no list the last one counts, as everywhere on a command line.
    const std::string value = flag.list ? joined(raw.settings[i], ",") : raw.settings[i].back();
    options.assignments.push_back(
        {.key = flag.key, .value = value, .origin = std::string(flag.flag).substr(0, std::string(flag.flag).find(','))});
  }
  if (raw.strict) options.assignments.push_back({.key = "strict", .value = "true", .origin = "--strict"});
  if (raw.extension) options.assignments.push_back({.key = "extension", .value = "true", .origin = "--extension"});
  return options;
}

BenchmarkOptions benchmark_options(const Raw& raw) {
  BenchmarkOptions options = raw.benchmark;
  options.run = run_options(raw);
  const auto assign = [&](const char* key, const std::string& value, const char* origin) {
    if (!value.empty()) options.run.assignments.push_back({.key = key, .value = value, .origin = origin});
  };
  assign("blocks", std::to_string(options.num_runs), "--num_runs");
  assign("model", raw.checkpoint, "--ckpt_dir");
  assign("suite", raw.benchmark_suite, "--suite");
  assign("device", raw.benchmark_device, "--device");
  assign("out", raw.benchmark_out, "--out");
  return options;
}

// Two formats in one stream are none.
void check_outputs(const OutputOptions& outputs) {
  if (outputs.cost.development_cost && !outputs.cost.price_per_hour)
    throw UsageError("--development-cost needs --price-per-hour: without a price a second saves no money");
  const std::vector<std::string> all{outputs.json, outputs.junit, outputs.markdown, outputs.html, outputs.csv};
  if (std::count(all.begin(), all.end(), "-") > 1) throw UsageError("only one format can go to stdout: give the others a path");
}

Command chosen(CLI::App& app, const Raw& raw) {
  check_outputs(raw.outputs);
  check_outputs(raw.gate.outputs);
  check_outputs(raw.report.outputs);
  const OutputOptions& formats = raw.report.outputs;
  if (raw.report.ab && (raw.report.history || !(formats.json + formats.junit + formats.markdown + formats.html + formats.csv).empty()))
    throw UsageError("--ab writes a page of its own, RUN/ab.html; ask for the reports without it");
  const std::string name = app.get_subcommands().front()->get_name();
  if (name == "benchmark") return benchmark_options(raw);
  if (name == "metrics") return raw.metrics;
  if (name == "gate") return raw.gate;
  if (name == "report") return raw.report;
  if (name == "compare") return raw.compare;
  if (name == "baseline") return raw.baseline;
  if (name == "rollout") return raw.rollout;
  if (name == "merge") return raw.merge;
  if (name == "list") return raw.list;
  if (name == "doctor") return raw.doctor;
  if (name == "help") return raw.help;
  if (name == "worker") return raw.worker;
  return run_options(raw);
}

bool is_subcommand(const std::string& word) { return std::find(kSubcommands.begin(), kSubcommands.end(), word) != kSubcommands.end(); }

// `arguments` are reversed. A first word that is a flag of a run, or nothing, means `run`.
void insert_default(std::vector<std::string>& arguments) {
  const std::string first = arguments.empty() ? "" : arguments.back();
  if (first == "-h" || first == "--help" || first == "--version" || is_subcommand(first)) return;
  if (!first.empty() && !first.starts_with('-')) {
    const std::string near = nearest_word(first, std::vector<std::string>(kSubcommands.begin(), kSubcommands.end()));
    throw UsageError(fmt::format("'{}' is no sub-command of wan-eval{}; `wan-eval --help` lists them", first,
                                 near.empty() ? "" : fmt::format(", did you mean '{}'?", near)));
  }
  arguments.push_back("run");
}

}  // namespace

Command parse_command_line(int argc, char** argv) {
  Raw raw;
  CLI::App app("wan-eval: is a faster Wan2.2 configuration still good? Speed and quality in one verdict.", "wan-eval");
  app.footer(kExamples);
  app.set_version_flag("--version", fmt::format("wan-eval {} ({})", version(), build_id()));
  app.require_subcommand(1);
  add_run(app, raw);
  add_benchmark(app, raw);
  add_baseline(app, raw);
  add_rollout(app, raw);
  add_others(app, raw);
  std::vector<std::string> arguments = normalized_arguments(argc, argv);
  insert_default(arguments);
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, fault;
    if (app.exit(error, out, fault) == 0) return ShowText{.text = out.str()};
    throw UsageError(std::string(error.what()) + "; `wan-eval --help` and `wan-eval run --help` list the flags");
  }
  Command command = chosen(app, raw);
  auto* run = std::get_if<RunOptions>(&command);
  if (auto* benchmark = std::get_if<BenchmarkOptions>(&command)) run = &benchmark->run;
  if (run) run->command = joined(std::vector<std::string>(argv, argv + argc), " ");
  return command;
}

}  // namespace wan::cli
