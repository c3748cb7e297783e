#include "tests/support/harness/large_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <string>

#include "engine/base/sha256.h"
#include "harness/store/result_store.h"
#include "tests/support/harness/records.h"
#include "tests/support/harness/run_folders.h"

namespace wan::testing {
namespace {

constexpr std::size_t kConfigurations = 12, kSeeds = 5, kFrames = 17, kSteps = 10, kBlocks = 12;

class Numbers {
 public:
  explicit Numbers(std::size_t seed) : random_(seed) {}
  double between(double low, double high) { return low + (high - low) * static_cast<double>(random_() >> 11) / 9007199254740992.0; }

 private:
  std::mt19937_64 random_;
};

metrics::Score score_of(const char* metric, double low, double high, Numbers& numbers) {
  metrics::Score score{.metric = metric, .unit = "1", .direction = metrics::Direction::lower_is_better};
  for (std::size_t i = 0; i < kFrames; ++i) score.per_frame.push_back(numbers.between(low, high));
  score.pooled = {.mean = numbers.between(low, high), .min = low, .max = high, .p5 = numbers.between(low, high), .p95 = high};
  return score;
}

void fill(store::Cell& cell, Numbers& numbers) {
  cell.key = sha256_hex(fmt::format("{} {} {}", cell.configuration, cell.prompt, cell.seed));
  cell.clip_hash = sha256_hex(cell.key);
  cell.category = "nature";
  cell.elapsed_s = numbers.between(0.9, 1.1);
  cell.timed = true;
  cell.transformer_forwards = 2 * kSteps;
  cell.peak_bytes = 1 << 30;
  cell.stages.stages = {{.name = "text_encoding", .elapsed_s = numbers.between(0.01, 0.02)},
                        {.name = "diffusion_loop", .elapsed_s = numbers.between(0.7, 0.8)},
                        {.name = "vae_decode", .elapsed_s = numbers.between(0.1, 0.2)}};
  for (std::size_t i = 0; i < kSteps; ++i) cell.stages.step_s.push_back(numbers.between(0.07, 0.08));
  if (cell.configuration == "bf16") return;
  cell.scores.scores = {score_of("mse", 20, 40, numbers),
                        score_of("psnr", 32, 36, numbers),
                        score_of("psnr.pooled", 32, 36, numbers),
                        score_of("ssim.ipol", 0.96, 0.98, numbers),
                        score_of("lpips.alex", 0.01, 0.03, numbers),
                        score_of("teacher_forced.relative_l2", 0.001, 0.002, numbers)};
  for (const char* detector : {"black_frame", "constant_frame", "frozen", "nonfinite"})
    cell.scores.artifacts.push_back({.detector = detector});
}

}  // namespace

store::RunRecord large_run(std::size_t cells, std::size_t night) {
  Numbers numbers(night + 1);
  store::RunRecord run = good_run();
  const store::ConfigurationRecord candidate_of = candidate(run);
  run.plan_hash = sha256_hex("a night");
  run.weights_hash = sha256_hex("weights");
  run.environment.build_id = sha256_hex(fmt::format("build {}", night));
  run.environment.started_at = store::utc_iso8601(static_cast<std::int64_t>(1767225600 + 86400 * night));
  run.elapsed_s = 2 * static_cast<double>(cells);
  while (run.configurations.size() < kConfigurations) {
    run.configurations.push_back(candidate_of);
    run.configurations.back().configuration.id = fmt::format("fast{}", run.configurations.size());
  }
  run.seeds.clear();
  for (std::size_t i = 0; i < kSeeds; ++i) run.seeds.push_back(42 + i);
  run.prompts.clear();
  const std::size_t prompts = std::max<std::size_t>(1, cells / (kConfigurations * kSeeds));
  for (std::size_t i = 0; i < prompts; ++i)
    run.prompts.push_back({.id = fmt::format("prompt{:04}", i), .category = "nature", .text = "a lake between mountains in the morning"});
  for (auto& configuration : run.configurations) {
    configuration.cells.clear();
    for (const auto& prompt : run.prompts) {
      for (const auto seed : run.seeds) {
        configuration.cells.push_back(
            {.configuration = configuration.configuration.id, .prompt = prompt.id, .category = {}, .seed = seed, .key = {}});
        fill(configuration.cells.back(), numbers);
      }
    }
  }
  run.visits.clear();
  run.blocks = kBlocks;
  for (std::int64_t block = 0; block < run.blocks; ++block) {
    for (const auto& configuration : run.configurations) {
      store::Visit visit{.configuration = configuration.configuration.id, .block = block};
      while (visit.clip_s.size() * kBlocks < configuration.cells.size()) visit.clip_s.push_back(numbers.between(0.9, 1.1));
      run.visits.push_back(std::move(visit));
    }
  }
  return run;
}

std::vector<std::filesystem::path> store_nights(const std::filesystem::path& root, std::size_t nights, std::size_t cells_per_night) {
  std::vector<std::filesystem::path> folders;
  for (std::size_t night = 0; night < nights; ++night)
    folders.push_back(store_run(root, fmt::format("night{:04}", night), large_run(cells_per_night, night)));
  return folders;
}

}  // namespace wan::testing
