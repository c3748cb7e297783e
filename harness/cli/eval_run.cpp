#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <set>
#include <string>
#include <utility>

#include "engine/base/log.h"
#include "engine/generator.h"
#include "harness/baseline/baseline_json.h"
#include "harness/baseline/floor_of_run.h"
#include "harness/cli/eval_options.h"
#include "harness/cli/eval_outputs.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/joined_run.h"
#include "harness/cli/promoted_path.h"
#include "harness/cli/resources.h"
#include "harness/cli/run_setup.h"
#include "harness/cli/stored_run.h"
#include "harness/gate/judge.h"
#include "harness/run/costs.h"
#include "harness/run/device_run.h"
#include "harness/run/runner.h"
#include "harness/store/cell_log.h"
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
  const auto path = promoted_path(baselines_dir(), baseline::file_stem(machine_class));
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

int status_of(const run::RunOutcome& outcome, const std::string& where) {
  tell(fmt::format("{}\n{} is unfinished; the same command with --resume continues it\n", outcome.reason, where));
  if (outcome.end == run::RunEnd::over_budget) return static_cast<int>(ExitStatus::inconclusive);
  return static_cast<int>(outcome.end == run::RunEnd::cancelled ? ExitStatus::interrupted : ExitStatus::invalid);
}

int finish(const RunOptions& options, store::RunFolder& folder, store::RunRecord record) {
  const auto verdicts = gate::judge(record);
  if (!options.keep_clips) drop_clips(folder, record, verdicts);
  const auto claims = shipped_claims();
  const reports::Dataset data{
      .run = record, .verdicts = verdicts, .run_dir = folder.path(), .claims = claims, .cost = options.outputs.cost};
  write_reports(data, folder.path());
  write_outputs(data, options.outputs);
  print_table(data, options.outputs);
  add_to_index(folder.path());
  tell(fmt::format("report: {}\n", (folder.path() / "report.html").string()));
  return options.outputs.exit_zero ? static_cast<int>(ExitStatus::held) : static_cast<int>(exit_status(verdicts));
}

// What is asked of every device alike.
struct Planned {
  const plan::RunConfig& config;
  const plan::RunPlan& plan;
  const plan::Schedule& schedule;
  const store::RunRecord& record;
  const plan::Costs& costs;
};

int run_beside_each_other(const RunOptions& options, const Planned& planned, const std::vector<run::DeviceParts>& devices) {
  const plan::Settings& settings = planned.config.settings;
  const auto count = devices.size();
  const std::filesystem::path parts = std::filesystem::path(settings.out) / "parts";
  const Interrupt interrupt;
  run::DevicesOutcome walked = run::run_on_devices({.plan = planned.plan,
                                                    .planned = planned.record,
                                                    .costs = planned.costs,
                                                    .devices = devices,
                                                    .schedule =
                                                        [&](const plan::RunPlan& part) {
                                                          plan::Schedule own = plan::make_schedule(
                                                              part, (planned.schedule.blocks + count - 1) / count, settings.order_seed);
                                                          own.runs_a_visit = planned.schedule.runs_a_visit;
                                                          own.steps_a_visit = planned.schedule.steps_a_visit;
                                                          if (planned.schedule.extension > 0)
                                                            own.extension = own.blocks;  // what matters is how many there are together
                                                          return own;
                                                        },
                                                    .root = parts,
                                                    .label = label_of(planned.config, ""),
                                                    .resume = options.resume,
                                                    .tell = tell,
                                                    .cancelled = Interrupt::requested,
                                                    .budget_s = options.budget_s,
                                                    .open_speeds = gate::open_speeds});
  if (walked.outcome.end != run::RunEnd::finished) return status_of(walked.outcome, parts.string());
  store::RunRecord& joined = walked.outcome.record;
  store::RunFolder folder = store_joined(settings.out, joined, label_of(planned.config, ""), walked.folders);
  std::error_code ignored;  // they cost space and nothing else
  for (const auto& part : walked.folders) std::filesystem::remove_all(part, ignored);
  std::filesystem::remove(parts, ignored);
  return finish(options, folder, std::move(joined));
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
  const std::vector<std::string> devices = devices_of(config.settings, options);
  run::RunRequest request = make_request(config.settings, options, devices.front());
  request.model_task = model.task;
  const run::ResidentLimits residents = resident_limits(request, options, devices.size());
  const std::size_t blocks = wanted_blocks(plan, config.settings, residents);
  plan::Schedule schedule = schedule_of(plan, config.settings, blocks, /*is_shard=*/false);
  store::RunRecord planned = run::make_record(plan, schedule, request);
  planned.environment.device = config.settings.device;
  adopt_promoted_floor(planned);
  const plan::Costs costs = run::recorded_costs(config.settings.out, planned);
  if (!options.shard.empty()) {
    const plan::Shard shard = plan::parse_shard(options.shard);
    plan = plan::take_shard(plan, shard, costs);
    schedule = schedule_of(plan, config.settings, blocks, /*is_shard=*/true);
    planned = run::make_shard_record(planned, plan, schedule, shard);
  }
  if (options.dry_run) {
    fmt::print("{}{}noise floor of the calibrated gate: {}\n", plan::describe(plan, schedule, costs),
               devices.size() > 1 ? fmt::format("{} devices share these blocks and the minutes\n", devices.size()) : "",
               planned.floor_source);
    return static_cast<int>(ExitStatus::held);
  }
  if (devices.size() > 1) {
    std::vector<run::DeviceParts> parts;
    for (const auto& device : devices) {
      request.device = device;
      parts.push_back({.request = request, .make_executor = executor_maker(options), .residents = residents, .observe = observer(device)});
    }
    tell(fmt::format("noise floor of the calibrated gate: {}\n", planned.floor_source));
    return run_beside_each_other(options, {.config = config, .plan = plan, .schedule = schedule, .record = planned, .costs = costs}, parts);
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
  run::RunOutcome outcome = runner.run();
  if (outcome.end != run::RunEnd::finished) return status_of(outcome, folder.path().string());
  return finish(options, folder, std::move(outcome.record));
}

}  // namespace wan::cli
