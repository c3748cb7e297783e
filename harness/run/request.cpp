#include "harness/run/request.h"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <utility>

#include "engine/base/sha256.h"
#include "harness/store/record_json.h"

namespace wan::run {
namespace {

// Everything that was asked for. Where and when it runs (which device of its class, too) and how the command was spelled is not part of it.
std::string hash_plan(const plan::RunPlan& plan, const RunRequest& request, const store::RunRecord& record) {
  Sha256 hash;
  hash.update(store::to_json(record));
  for (const auto& metric : plan.metrics) hash.update(fmt::format("metric {}\n", metric));
  for (const auto& cell : plan.cells) hash.update(cell.teacher_forced ? "forced " : "free ");
  const std::string kind = request.device.substr(0, request.device.find(':'));
  hash.update(fmt::format("{} {} {} {} {}", kind, request.device_class, request.noise_source, request.threads, request.strict));
  return hash.hex_digest();
}

// The loosest class decides what clips may be compared with; the enumerators stand in that order.
std::optional<OptimizationClass> loosest(const plan::Configuration& configuration, const std::vector<OptimizationInfo>& known) {
  std::optional<OptimizationClass> kind;
  for (const auto& choice : configuration.optimizations)
    for (const auto& info : known)
      if (info.id == choice.id && (!kind || info.kind > *kind)) kind = info.kind;
  return kind;
}

}  // namespace

std::string cell_key(const plan::RunPlan& plan, const plan::PlannedCell& cell, const RunRequest& request, const std::string& weights_hash) {
  const plan::CaseContext context{.build_id = request.build_id,
                                  .weights_hash = weights_hash,
                                  .device_class = request.device_class,
                                  .noise_source = request.noise_source};
  return plan::make_case(plan, cell, context).key();
}

store::RunRecord make_record(const plan::RunPlan& plan, const plan::Schedule& schedule, const RunRequest& request) {
  store::RunRecord record;
  record.tier_id = plan.tier_id;
  record.tier_title = plan.tier_title;
  record.suite_id = plan.suite_id;
  record.model = request.model;
  record.model_task = request.model_task;
  record.shape = plan.shape;
  record.seeds = plan.seeds;
  record.prompts = plan.prompts;
  record.order_seed = schedule.order_seed;
  record.blocks = static_cast<std::int64_t>(schedule.blocks);
  record.runs_a_visit = static_cast<std::int64_t>(schedule.runs_a_visit);
  record.steps_a_visit = static_cast<std::int64_t>(schedule.steps_a_visit);
  record.extension.blocks = static_cast<std::int64_t>(schedule.extension);
  for (const auto& planned : plan.configurations) {
    store::ConfigurationRecord& configuration = record.configurations.emplace_back();
    configuration.configuration = planned.configuration;
    configuration.judged = planned.judged;
    configuration.kind = loosest(planned.configuration, request.optimizations);
  }
  for (const auto& cell : plan.cells) {
    store::ConfigurationRecord& configuration = record.configurations[cell.configuration];
    const plan::Prompt& prompt = plan.prompts[cell.prompt];
    configuration.cells.push_back({.configuration = configuration.configuration.id,
                                   .prompt = prompt.id,
                                   .category = prompt.category,
                                   .seed = cell.seed,
                                   .key = cell_key(plan, cell, request, ""),
                                   .status = store::CellStatus::interrupted,
                                   .reason = "cancelled: not reached"});
  }
  record.plan_hash = hash_plan(plan, request, record);
  record.command = request.command;
  record.environment = request.environment;
  record.device_class = request.device_class;
  return record;
}

store::RunRecord make_shard_record(const store::RunRecord& whole, const plan::RunPlan& part, const plan::Schedule& schedule,
                                   const plan::Shard& shard) {
  std::set<std::pair<std::string, std::uint64_t>> own;  // a shard takes a prompt and seed of every configuration
  for (const auto& cell : part.cells) own.emplace(part.prompts[cell.prompt].id, cell.seed);
  store::RunRecord record = whole;
  record.shard = plan::to_string(shard);
  record.blocks = static_cast<std::int64_t>(schedule.blocks);
  record.extension = {};  // what is open shows when all shards are joined
  for (auto& configuration : record.configurations) {
    for (const auto& cell : configuration.cells)
      if (!own.contains({cell.prompt, cell.seed})) configuration.elsewhere.push_back(fmt::format("{} {}", cell.prompt, cell.seed));
    std::erase_if(configuration.cells, [&](const store::Cell& cell) { return !own.contains({cell.prompt, cell.seed}); });
  }
  return record;
}

LoadRequest make_load_request(const plan::PlannedConfiguration& configuration, const RunRequest& request) {
  return {.checkpoint_dir = request.checkpoint_dir,
          .device = request.device,
          .precision = parse_precision(configuration.shape.precision),
          .optimizations = configuration.configuration.optimizations,
          .threads = static_cast<int>(request.threads),
          .strict = request.strict};
}

GenerationRequest make_generation_request(const plan::RunPlan& plan, const plan::PlannedCell& cell, const RunRequest& request) {
  const plan::Shape& shape = plan.configurations[cell.configuration].shape;
  const plan::Prompt& prompt = plan.prompts[cell.prompt];
  GenerationRequest generation{.prompt = prompt.text,
                               .width = shape.width,
                               .height = shape.height,
                               .frames = shape.frames,
                               .steps = shape.steps,
                               .shift = shape.shift,
                               .guidance_low = shape.guidance_low,
                               .guidance_high = shape.guidance_high,
                               .seed = cell.seed,
                               .reference = parse_reference(shape.reference),
                               .noise_source = request.noise_source};
  if (!prompt.negative.empty()) generation.negative_prompt = prompt.negative;
  if (!shape.solver.empty()) {
    generation.solver = parse_solver(shape.solver);
    generation.solver_from_checkpoint = false;
  }
  return generation;
}

}  // namespace wan::run
