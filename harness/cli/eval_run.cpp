#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "engine/base/build_info.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/generator.h"
#include "engine/runtime/plugin.h"
#include "harness/baseline/baseline_json.h"
#include "harness/baseline/floor_of_run.h"
#include "harness/cli/eval_options.h"
#include "harness/cli/eval_outputs.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/resources.h"
#include "harness/cli/stored_run.h"
#include "harness/gate/judge.h"
#include "harness/machine/nvml.h"
#include "harness/machine/sampler.h"
#include "harness/run/costs.h"
#include "harness/run/process_executor.h"
#include "harness/run/runner.h"
#include "harness/store/cell_log.h"
#include "harness/store/environment.h"
#include "harness/store/index.h"
#include "harness/store/record_text.h"
#include "metrics/scorer.h"

namespace wan::cli {
namespace {

void tell(const std::string& text) {
  fmt::print(stderr, "{}", text);
  std::fflush(stderr);
}

plan::ModelDefaults defaults_of(const ModelInfo& model) {
  return {.width = model.default_width,
          .height = model.default_height,
          .frames = model.default_frames,
          .steps = model.default_steps,
          .size_multiple = model.size_multiple,
          .shift = model.default_shift,
          .guidance_low = model.default_guidance_low,
          .guidance_high = model.default_guidance_high};
}

int index_of(const std::string& device) {
  const auto colon = device.find(':');
  return colon == std::string::npos ? 0 : std::stoi(device.substr(colon + 1));
}

// "NVIDIA H200 ..." for cuda and cuda:<index>. UsageError without plug-in or driver: better now than after the plan is printed.
std::string gpu_name(const std::string& device) {
  const int index = index_of(device);
  const runtime::CudaPlugin& plugin = runtime::load_cuda_plugin();
  if (index >= plugin.device_count())
    throw UsageError(fmt::format("--device {}: this machine shows {} CUDA devices", device, plugin.device_count()));
  return plugin.device_name(index);
}

store::Environment describe_machine(const std::string& device) {
  store::Environment environment = store::describe_environment(device);
  environment.libtorch = WAN_LIBTORCH_VERSION;
  if (device == "cpu") return environment;
  environment.device_name = gpu_name(device);
  const auto nvml = machine::Nvml::open();
  environment.driver = nvml.driver_version().value.value_or("");
  environment.cuda = nvml.cuda_version().value.value_or("");
  return environment;
}

run::RunRequest make_request(const plan::Settings& settings, const RunOptions& options) {
  run::RunRequest request{.checkpoint_dir = model_dir(settings.model).string(), .model = settings.model};
  request.device = settings.device;
  request.noise_source = settings.noise_source;
  request.threads = settings.threads;
  request.strict = settings.strict;
  request.command = options.command;
  request.build_id = build_id();
  request.data_dir = data_dir();
  request.optimizations = list_optimizations();
  request.environment = describe_machine(settings.device);
  const std::int64_t threads = settings.threads > 0 ? settings.threads : std::thread::hardware_concurrency();
  request.device_class =
      settings.device == "cpu" ? fmt::format("{}, {} threads", request.environment.cpu, threads) : request.environment.device_name;
  return request;
}

// As many sets of weights as half of the memory holds, on a GPU two at the most: what they compute with needs room too.
run::ResidentLimits resident_limits(const run::RunRequest& request, const RunOptions& options) {
  constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
  if (request.device == "cpu") return {.most = kNoLimit, .weight_bytes = request.environment.memory_bytes / 2};
  const auto gpu = machine::Nvml::open().device(index_of(request.device));
  const auto memory = gpu.value ? (*gpu.value)->memory().value : std::nullopt;
  if (!memory || options.executor != "process") return {.most = 1};
  return {.most = 2, .weight_bytes = memory->total_bytes / 2};
}

// Every visit of a configuration that does not stay loaded pays for a load: then no more blocks than an interval needs.
std::size_t wanted_blocks(const plan::RunPlan& plan, const plan::Settings& settings, const run::ResidentLimits& residents) {
  if (settings.blocks > 0) return static_cast<std::size_t>(settings.blocks);
  if (plan.configurations.size() <= residents.most) return 0;
  const std::size_t fewest = settings.extension ? plan::kFewestExtensibleBlocks : plan::kFewestBlocks;
  return std::min(fewest, plan.prompts.size() * plan.seeds.size());
}

plan::Schedule schedule_of(const plan::RunPlan& plan, const plan::Settings& settings, std::size_t blocks, bool is_shard) {
  plan::Schedule schedule = plan::make_schedule(plan, blocks, settings.order_seed);
  schedule.runs_a_visit = static_cast<std::size_t>(settings.runs_a_visit);
  schedule.steps_a_visit = static_cast<std::size_t>(settings.steps_a_visit);
  if (!settings.extension) return schedule;
  if (is_shard)
    tell("warning: no extension: which speeds are open shows when all shards are joined\n");
  else if (!plan::register_extension(schedule))
    tell(fmt::format("warning: no extension: {} blocks are planned, and half of the error needs at least {}\n", schedule.blocks,
                     plan::kFewestExtensibleBlocks));
  return schedule;
}

// Looks at host and GPU while a visit is timed.
std::function<std::function<machine::Covariates()>()> observer(const std::string& device) {
  machine::SamplerOptions options;
  if (device != "cpu") {
    if (auto gpu = machine::Nvml::open().device(index_of(device)); gpu.value) options.gpu = *gpu.value;
  }
  return [options] {
    auto sampler = std::make_shared<machine::Sampler>(options);
    return [sampler] { return sampler->finish(); };
  };
}

std::string label_of(const plan::RunConfig& config, const std::string& shard) {
  std::string label = config.tier_id;
  if (label == "custom" && !config.selected.empty()) label = config.selected.front().id;
  return shard.empty() ? label : fmt::format("{}-shard_{}", label, shard);
}

store::RunFolder open_folder(const RunOptions& options, const plan::RunConfig& config, const store::RunRecord& planned) {
  if (options.resume) {
    if (auto resumed = store::RunFolder::resume(config.settings.out, {.plan_hash = planned.plan_hash, .shard = planned.shard})) {
      tell(fmt::format("resuming {}\n", resumed->path().string()));
      return std::move(*resumed);
    }
    tell("no unfinished run of this request: starting a new one\n");
  }
  return store::RunFolder::create(config.settings.out, planned, label_of(config, planned.shard));
}

// Workers inherit this: libgomp reads it when a program starts. As it comes, its threads spin for milliseconds at each barrier, and beside
// any other program a clip then takes ten to a hundred times as long.
void shorten_spinning() {
  if (!std::getenv("OMP_WAIT_POLICY")) ::setenv("GOMP_SPINCOUNT", "5000", /*overwrite=*/0);
}

run::Residents::Make executor_maker(const RunOptions& options) {
  shorten_spinning();
  if (options.executor == "process") return [] { return run::make_process_executor(); };
  return run::make_in_process_executor;
}

// Raw clips stay where a report shows their frames; the others made their scores and go.
void drop_clips(store::RunFolder& folder, store::RunRecord& record, const std::vector<gate::Verdict>& verdicts) {
  const std::set<std::string> shown = shown_clips(record, verdicts, folder.path());
  const run::ClipKeeper clips(folder.path());
  for (auto& configuration : record.configurations)
    for (auto& cell : configuration.cells)
      if (!shown.contains(cell.clip_file)) clips.drop(cell);
}

// Never the truth, so never a reason to fail.
void add_to_index(const std::filesystem::path& folder) {
  try {
    store::Index(folder.parent_path()).add(folder.filename().string());
  } catch (const std::exception& error) {
    log::warn("{}: not added to the index of runs: {}", folder.string(), error.what());
  }
}

// The floor of the calibrated gate: of the class's promoted baseline where that is of the same work, else the run's own. UsageError if the
// baseline cannot be read.
void adopt_promoted_floor(store::RunRecord& planned) {
  const std::string machine_class = store::machine_class(planned.environment);
  const auto path = suites_dir() / "baselines" / (baseline::file_stem(machine_class) + ".json");
  if (!std::filesystem::exists(path)) {
    planned.floor_source = fmt::format("this run: nothing is promoted for {}", machine_class);
    return;
  }
  auto found = baseline::floors_of_run(baseline::baseline_from_json(store::read_text(path), path.string()), planned);
  planned.promoted_floors = std::move(found.floors);
  planned.floor_source = found.why_none.empty()
                             ? path.filename().string()
                             : fmt::format("this run: that of {} is of other work: {}", path.filename().string(), found.why_none);
}

int finish(const RunOptions& options, store::RunFolder& folder, run::RunOutcome outcome) {
  if (outcome.end != run::RunEnd::finished) {
    tell(fmt::format("{}\n{} is unfinished; the same command with --resume continues it\n", outcome.reason, folder.path().string()));
    if (outcome.end == run::RunEnd::over_budget) return static_cast<int>(ExitStatus::inconclusive);
    return static_cast<int>(outcome.end == run::RunEnd::cancelled ? ExitStatus::interrupted : ExitStatus::invalid);
  }
  const auto verdicts = gate::judge(outcome.record);
  if (!options.keep_clips) drop_clips(folder, outcome.record, verdicts);
  const auto claims = shipped_claims();
  const reports::Dataset data{
      .run = outcome.record, .verdicts = verdicts, .run_dir = folder.path(), .claims = claims, .cost = options.outputs.cost};
  write_reports(data, folder.path());
  write_outputs(data, options.outputs);
  print_table(data, options.outputs);
  add_to_index(folder.path());
  tell(fmt::format("report: {}\n", (folder.path() / "report.html").string()));
  return options.outputs.exit_zero ? static_cast<int>(ExitStatus::held) : static_cast<int>(exit_status(verdicts));
}

}  // namespace

int evaluate(const RunOptions& options) {
  check_output_paths(options.outputs);
  const plan::Known known{.optimizations = list_optimizations(), .metrics = metrics::list_metrics()};
  const plan::RunConfig config =
      plan::load_run_config({.suites_dir = suites_dir(), .config_file = options.config_file, .assignments = options.assignments}, known);
  const ModelInfo model = inspect_checkpoint(model_dir(config.settings.model).string());
  plan::RunPlan plan = plan::make_run_plan(config, defaults_of(model));
  if (plan.cells.empty()) {
    tell("nothing to run: the filter leaves no cell\n");
    return static_cast<int>(ExitStatus::nothing);
  }
  run::RunRequest request = make_request(config.settings, options);
  request.model_task = model.task;
  const run::ResidentLimits residents = resident_limits(request, options);
  const std::size_t blocks = wanted_blocks(plan, config.settings, residents);
  plan::Schedule schedule = schedule_of(plan, config.settings, blocks, /*is_shard=*/false);
  store::RunRecord planned = run::make_record(plan, schedule, request);
  adopt_promoted_floor(planned);
  const plan::Costs costs = run::recorded_costs(config.settings.out, planned);
  if (!options.shard.empty()) {
    const plan::Shard shard = plan::parse_shard(options.shard);
    plan = plan::take_shard(plan, shard, costs);
    schedule = schedule_of(plan, config.settings, blocks, /*is_shard=*/true);
    planned = run::make_shard_record(planned, plan, schedule, shard);
  }
  if (options.dry_run) {
    fmt::print("{}noise floor of the calibrated gate: {}\n", plan::describe(plan, schedule, costs), planned.floor_source);
    return static_cast<int>(ExitStatus::held);
  }
  store::RunFolder folder = open_folder(options, config, planned);
  tell(fmt::format("noise floor of the calibrated gate: {}\n", folder.record().floor_source));
  for (const auto& warning : planned.environment.warnings) tell(fmt::format("warning: {}\n", warning));
  const std::size_t width = terminal_width(STDERR_FILENO);
  run::Eta eta(costs);
  for (const auto& configuration : planned.configurations) eta.plan(configuration.configuration.id, configuration.cells.size());
  if (schedule.steps_a_visit > 0)
    for (const auto& visit : schedule.visits) eta.plan_steps(plan.configurations[visit.configuration].configuration.id, 1);
  run::Reporter reporter({.terminal = width > 0, .width = width, .write = tell}, std::move(eta), plan.cells.size());
  const Interrupt interrupt;
  run::Runner runner({.plan = plan,
                      .schedule = schedule,
                      .request = request,
                      .make_executor = executor_maker(options),
                      .residents = residents,
                      .folder = folder,
                      .reporter = reporter,
                      .cancelled = Interrupt::requested,
                      .observe = observer(request.device),
                      .budget_s = options.budget_s,
                      .open_speeds = gate::open_speeds});
  return finish(options, folder, runner.run());
}

}  // namespace wan::cli
