#include "tests/support/harness/rollouts.h"

#include <fmt/format.h>

#include "harness/baseline/propose.h"
#include "harness/rollout/event_log.h"
#include "harness/rollout/flags.h"
#include "harness/store/record_text.h"
#include "harness/store/result_store.h"
#include "tests/support/harness/plan_files.h"
#include "tests/support/harness/records.h"
#include "tests/support/harness/run_folders.h"

namespace wan::testing {
namespace {

plan::Configuration fast_configuration() {
  plan::Configuration fast{.id = "fast", .benefit = plan::Benefit::speed};
  fast.optimizations = {{.id = "tf32"}};
  return fast;
}

// Every configuration's first cell, again for each prompt and seed.
void multiply(store::ConfigurationRecord& record, const std::vector<plan::Prompt>& prompts, const std::vector<std::uint64_t>& seeds) {
  const store::Cell pattern = record.cells.front();
  record.cells.clear();
  for (const auto& prompt : prompts)
    for (const std::uint64_t seed : seeds) {
      store::Cell cell = pattern;
      cell.prompt = prompt.id;
      cell.category = prompt.category;
      cell.seed = seed;
      cell.key = fmt::format("{} {} {}", cell.configuration, prompt.id, seed);
      cell.clip_hash = "hash of " + cell.key;
      record.cells.push_back(std::move(cell));
    }
}

// Six blocks, whatever the number of clips.
void visit_in_blocks(store::RunRecord& run) {
  run.visits.clear();
  run.blocks = 6;
  for (std::int64_t block = 0; block < run.blocks; ++block)
    for (const auto& record : run.configurations)
      run.visits.push_back({.configuration = record.configuration.id, .block = block, .clip_s = {record.cells.front().elapsed_s}});
}

}  // namespace

rollout::Subject fast_subject() { return {.configuration = fast_configuration(), .model = "fake"}; }

store::RunRecord evidence_run(std::size_t prompts, std::size_t seeds, const std::string& started_at) {
  store::RunRecord run = good_run();
  run.run_id = fmt::format("run-{}x{}", prompts, seeds);
  run.plan_hash = "plan";
  run.model = "fake";
  run.weights_hash = "weights";
  run.environment.started_at = started_at;
  run.environment.build_id = "build";
  run.environment.device = "cuda";
  run.environment.device_name = "NVIDIA H200";
  run.shape = {.width = 16, .height = 16, .frames = 5, .steps = 4, .solver = "unipc"};
  run.prompts.clear();
  run.seeds.clear();
  for (std::size_t i = 0; i < prompts; ++i)
    run.prompts.push_back({.id = fmt::format("p{}", i),
                           .category = std::string(rollout::kCategories[i % rollout::kCategories.size()]),
                           .text = fmt::format("prompt number {}", i)});
  for (std::size_t seed = 1; seed <= seeds; ++seed) run.seeds.push_back(seed);
  for (auto& record : run.configurations) multiply(record, run.prompts, run.seeds);
  candidate(run).configuration = fast_configuration();
  visit_in_blocks(run);
  return run;
}

baseline::Baseline promoted_baseline() {
  std::vector<store::RunRecord> nights;
  for (int night = 0; night < 3; ++night) {
    nights.push_back(evidence_run(12, 1));
    nights.back().run_id = fmt::format("night{}", night);
  }
  baseline::Baseline promoted = baseline::propose(nights);
  promoted.floors = baseline::calibrate(nights.front());
  return promoted;
}

rollout::Store RolloutSandbox::store() {
  return {.root = root_, .known = fake_known(), .read_run = store::read_run, .now_s = [this] { return now_s_++; }};
}

std::filesystem::path RolloutSandbox::put(const std::string& name, const store::RunRecord& run) const {
  return store_run(root_, name, run);
}

rollout::State RolloutSandbox::state() const { return rollout::read_state(root_); }

rollout::FeatureFlags RolloutSandbox::flags() const { return rollout::read_flags(rollout::flags_path(root_, state()), fake_known()); }

}  // namespace wan::testing
