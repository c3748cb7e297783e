#include "tests/support/harness/fake_executor.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/sha256.h"

namespace wan::testing {
namespace {

// Pixels from prompt and seed; a configuration adds one to every eighth of them.
VideoClip make_clip(const GenerationRequest& request, const std::string& configuration) {
  VideoClip clip{.frames = request.frames, .height = request.height, .width = request.width};
  const std::string noise = sha256_hex(request.prompt + std::to_string(request.seed));
  clip.rgb.resize(static_cast<std::size_t>(clip.frames * clip.height * clip.width * 3));
  for (std::size_t i = 0; i < clip.rgb.size(); ++i) {
    clip.rgb[i] = static_cast<std::uint8_t>(noise[i % noise.size()]);
    if (!configuration.empty() && i % 8 == 0) ++clip.rgb[i];
  }
  return clip;
}

class FakeExecutor final : public run::Executor {
 public:
  explicit FakeExecutor(FakeEngine& engine) : engine_(engine) {}
  LoadReport load(const LoadRequest& request) override;
  GenerationResult generate(const GenerationRequest& request, const Progress& progress) override;
  TimedSteps time_steps(const GenerationRequest& request, std::int64_t steps_an_expert, const Progress& progress) override;
  ReplayResult replay(const GenerationRequest& request, const std::string& trajectory_file, const Progress& progress) override;
  bool outlives_faults() const override { return engine_.outlives_faults; }
  void unload() override {
    if (std::exchange(loaded_, false)) --engine_.loaded;
  }

 private:
  FakeEngine& engine_;
  bool loaded_ = false;
  std::string configuration_ = {};
};

LoadReport FakeExecutor::load(const LoadRequest& request) {
  configuration_ = request.optimizations.empty() ? "" : request.optimizations.front().id;
  engine_.loads.push_back(configuration_);
  LoadReport report{.load_s = 0.5, .weight_bytes = 1000, .weights_hash = engine_.weights_hash};
  if (engine_.on_load) engine_.on_load(request, report);
  loaded_ = true;
  engine_.most_loaded = std::max(engine_.most_loaded, ++engine_.loaded);
  return report;
}

GenerationResult FakeExecutor::generate(const GenerationRequest& request, const Progress& progress) {
  WAN_CHECK(loaded_, "generate before load");
  engine_.generations.push_back(request);
  for (std::int64_t step = 1; step <= request.steps; ++step)
    if (progress && !progress(step, request.steps)) throw Cancelled{};
  GenerationResult result{.clip = make_clip(request, configuration_), .stages = {}};
  result.transformer_forwards = 2 * request.steps;
  result.peak_bytes = 4096;
  if (!request.trajectory_file.empty()) std::ofstream(request.trajectory_file) << "trajectory";
  if (engine_.on_generate) engine_.on_generate(request, result);
  return result;
}

// Of two experts with half of the steps each: 0.25 s a step of the first, 0.125 s of the second, half as long under a configuration.
TimedSteps FakeExecutor::time_steps(const GenerationRequest& request, std::int64_t steps_an_expert, const Progress& progress) {
  WAN_CHECK(loaded_, "time_steps before load");
  engine_.timings.push_back(request);
  TimedSteps result{.clip_high_noise_steps = request.steps / 2, .clip_low_noise_steps = request.steps - request.steps / 2};
  const double factor = configuration_.empty() ? 1.0 : 0.5;
  auto& step_s = result.stages.step_s;
  result.stages.high_noise_steps = std::min(steps_an_expert, result.clip_high_noise_steps);
  step_s.assign(static_cast<std::size_t>(result.stages.high_noise_steps), 0.25 * factor);
  step_s.insert(step_s.end(), static_cast<std::size_t>(std::min(steps_an_expert, result.clip_low_noise_steps)), 0.125 * factor);
  for (std::int64_t step = 1; step <= std::ssize(step_s); ++step)
    if (progress && !progress(step, std::ssize(step_s))) throw Cancelled{};
  result.transformer_forwards = 2 * std::ssize(step_s);
  result.latents_hash = sha256_hex(request.prompt + configuration_);
  result.peak_bytes = 2048;
  if (engine_.on_time_steps) engine_.on_time_steps(request, result);
  return result;
}

// Step i of the reference lies 0 from the trajectory, of a configuration (i + 1) / 100; the second half belongs to the low-noise expert.
ReplayResult FakeExecutor::replay(const GenerationRequest& request, const std::string& trajectory_file, const Progress&) {
  WAN_CHECK(loaded_, "replay before load");
  if (!std::filesystem::exists(trajectory_file)) throw UsageError(trajectory_file + ": no such file");
  engine_.replays.push_back(trajectory_file);
  ReplayResult result{.transformer_forwards = 2 * request.steps};
  for (std::int64_t step = 0; step < request.steps; ++step)
    result.steps.push_back({.step = step,
                            .low_noise = step >= request.steps / 2,
                            .relative_l2 = configuration_.empty() ? 0.0 : static_cast<double>(step + 1) / 100,
                            .cosine = 1.0});
  return result;
}

}  // namespace

std::unique_ptr<run::Executor> FakeEngine::make() { return std::make_unique<FakeExecutor>(*this); }

plan::RunPlan small_plan(std::size_t prompts, std::vector<std::string> metrics) {
  plan::RunPlan plan;
  plan.tier_id = "2";
  plan.suite_id = "small";
  plan.shape = {.width = 16, .height = 16, .frames = 5, .steps = 4, .shift = 5.0};
  plan.shape.guidance_low = 3.0;
  plan.shape.guidance_high = 4.0;
  plan.seeds = {42};
  plan.metrics = std::move(metrics);
  plan::Configuration fast{.id = "fast", .optimizations = {{.id = "fp8"}}, .benefit = plan::Benefit::speed};
  plan.configurations = {{.configuration = {.id = "bf16"}, .shape = plan.shape},
                         {.configuration = {.id = "phase0"}, .shape = plan.shape},
                         {.configuration = fast, .shape = plan.shape, .judged = true}};
  for (std::size_t i = 0; i < prompts; ++i)
    plan.prompts.push_back({.id = "p" + std::to_string(i), .category = "nature", .text = "prompt number " + std::to_string(i)});
  for (std::size_t configuration = 0; configuration < plan.configurations.size(); ++configuration)
    for (std::size_t prompt = 0; prompt < prompts; ++prompt)
      plan.cells.push_back({.configuration = configuration, .prompt = prompt, .seed = 42});
  return plan;
}

run::RunRequest small_request() {
  run::RunRequest request{.checkpoint_dir = "checkpoint", .model = "fake"};
  request.build_id = "build";
  request.command = "wan-eval --tier 2";
  return request;
}

}  // namespace wan::testing
