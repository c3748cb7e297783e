#include "tests/support/harness/records.h"

#include <algorithm>
#include <stdexcept>

namespace wan::testing {
namespace {

metrics::Score make_score(const std::string& metric, const std::string& unit, metrics::Direction direction, double value) {
  return {.metric = metric,
          .unit = unit,
          .direction = direction,
          .per_frame = {value, value},
          .pooled = {.mean = value, .min = value, .max = value, .p5 = value, .p95 = value}};
}

store::ConfigurationRecord baseline(const std::string& id, double elapsed_s) {
  store::ConfigurationRecord record;
  record.configuration.id = id;
  record.judged = false;
  for (int i = 1; i <= 6; ++i) {
    store::Cell cell = scored_cell(id, "p" + std::to_string(i), {}, elapsed_s);
    cell.scores = {};
    record.cells.push_back(cell);
  }
  return record;
}

}  // namespace

store::Cell scored_cell(const std::string& configuration, const std::string& prompt, const Figures& figures, double elapsed_s) {
  store::Cell cell{.configuration = configuration, .prompt = prompt, .category = "nature", .seed = 42, .key = configuration + prompt};
  cell.clip_hash = "hash of " + configuration + " " + prompt;
  using metrics::Direction;
  cell.scores.scores = {make_score("mse", "1", Direction::lower_is_better, figures.mse),
                        make_score("psnr.pooled", "dB", Direction::higher_is_better, figures.psnr_db),
                        make_score("ssim.ipol", "1", Direction::higher_is_better, figures.ssim),
                        make_score("lpips.alex", "1", Direction::lower_is_better, figures.lpips)};
  cell.scores.artifacts = {{.detector = "black_frame"}, {.detector = "frozen"}};
  cell.elapsed_s = elapsed_s;
  cell.timed = true;
  cell.transformer_forwards = 20;
  return cell;
}

store::RunRecord good_run() {
  store::RunRecord run;
  run.run_id = "20260101T000000Z-2-abcdef";
  run.tier_id = "2";
  run.suite_id = "six";
  run.seeds = {42};
  run.configurations = {baseline("bf16", 1.2), baseline("bf16_twin", 1.2), baseline("phase0", 1.0), {}};
  for (int i = 1; i <= 6; ++i) run.prompts.push_back({.id = "p" + std::to_string(i), .category = "nature", .text = "a lake"});
  for (auto& cell : configuration(run, "bf16_twin").cells)
    cell = scored_cell("bf16_twin", cell.prompt, {.ssim = 0.96, .lpips = 0.04, .mse = 40}, 1.2);
  for (auto& cell : configuration(run, "phase0").cells) cell = scored_cell("phase0", cell.prompt, {}, 1.0);
  store::ConfigurationRecord& fast = run.configurations.back();
  fast.configuration.id = "fast";
  fast.configuration.benefit = plan::Benefit::speed;
  for (int i = 1; i <= 6; ++i) fast.cells.push_back(scored_cell("fast", "p" + std::to_string(i), {}, 0.5));
  run.complete = true;
  visit_as_timed(run);
  return run;
}

void visit_as_timed(store::RunRecord& run) {
  run.visits.clear();
  run.blocks = 0;
  for (const auto& record : run.configurations)
    for (std::size_t i = 0; i < record.cells.size(); ++i) {
      const store::Cell& cell = record.cells[i];
      if (cell.timed && cell.elapsed_s > 0)
        run.visits.push_back({.configuration = cell.configuration, .block = static_cast<std::int64_t>(i), .clip_s = {cell.elapsed_s}});
      run.blocks = std::max(run.blocks, static_cast<std::int64_t>(i + 1));
    }
}

void visit_by_steps(store::RunRecord& run) {
  run.steps_a_visit = 3;
  for (auto& visit : run.visits) {
    const double step_s = visit.clip_s.at(0) / 10;
    visit.clip_s.clear();
    visit.steps = {.prompt = "p1",
                   .seed = 42,
                   .clip_high_noise_steps = 6,
                   .clip_low_noise_steps = 4,
                   .high_noise_step_s = {1.1 * step_s, step_s, 0.9 * step_s},
                   .low_noise_step_s = {step_s, step_s, 1.3 * step_s},
                   .run_s = {6.3 * step_s},
                   .transformer_forwards = 12,
                   .peak_bytes = 1000,
                   .latents_hash = "hash of " + visit.configuration};
  }
}

std::vector<store::Visit*> visits(store::RunRecord& run, const std::string& id) {
  std::vector<store::Visit*> found;
  for (auto& visit : run.visits)
    if (visit.configuration == id) found.push_back(&visit);
  return found;
}

store::ConfigurationRecord& configuration(store::RunRecord& run, const std::string& id) {
  const auto found =
      std::find_if(run.configurations.begin(), run.configurations.end(), [&](const auto& record) { return record.configuration.id == id; });
  if (found == run.configurations.end()) throw std::logic_error("no configuration " + id);
  return *found;
}

store::ConfigurationRecord& candidate(store::RunRecord& run) { return configuration(run, "fast"); }

void set_score(store::ConfigurationRecord& record, const std::string& metric, double value) {
  for (auto& cell : record.cells) score(cell, metric).pooled.mean = value;
}

metrics::Score& score(store::Cell& cell, const std::string& metric) {
  auto& scores = cell.scores.scores;
  const auto found = std::find_if(scores.begin(), scores.end(), [&](const auto& one) { return one.metric == metric; });
  if (found == scores.end()) throw std::logic_error("no score " + metric);
  return *found;
}

void fail(store::Cell& cell, const std::string& reason) {
  cell.status = store::CellStatus::failed;
  cell.reason = reason;
  cell.scores = {};
  cell.clip_hash.clear();
  cell.timed = false;
  cell.elapsed_s = 0;
}

}  // namespace wan::testing
