#include "tests/support/harness/messages.h"

#include <limits>

namespace wan::testing {

GenerationRequest full_generation_request() {
  return {.prompt = "a \"quoted\" cat\n\xc3\xa9",
          .negative_prompt = "",
          .width = 832,
          .height = 480,
          .frames = 81,
          .steps = 40,
          .solver = Solver::euler,
          .solver_from_checkpoint = false,
          .shift = 0.1,
          .guidance_low = 3.3,
          .guidance_high = 4.7,
          .seed = std::numeric_limits<std::uint64_t>::max(),
          .reference = Reference::official,
          .noise_source = "cuda",
          .noise_file = "noise",
          .keep_latents = true,
          .trajectory_file = "trajectory"};
}

std::vector<run::Message> one_of_each_message() {
  const GenerationRequest request = full_generation_request();
  const LoadRequest load{.checkpoint_dir = "dir",
                         .device = "cuda:1",
                         .precision = Precision::float32,
                         .optimizations = {{.id = "a", .parameters = {{"b", true}, {"i", std::int64_t{-3}}, {"d", 2.0}, {"t", "x"}}}},
                         .loras = {{.path = "p", .scale = 0.5, .expert = "high"}},
                         .threads = 2,
                         .strict = true,
                         .prompt_cache_dir = "cache",
                         .memory = MemoryRequest{.clip = request, .keep_experts = true, .usable_bytes = std::int64_t{1} << 40}};
  const LoadReport report{.load_s = 1.25,
                          .weight_bytes = 5,
                          .host_weight_bytes = 6,
                          .weights_hash = "w",
                          .fallbacks = {"f"},
                          .emulations = {"e"},
                          .plan = {"p", "q"}};
  const GenerationResult result{
      .clip = {.frames = 5, .height = 2, .width = 3, .frames_per_second = 24, .nonfinite_values = 1},
      .stages = {.stages = {{.name = "vae_decode", .elapsed_s = 0.1}}, .step_s = {0.5, 1.0 / 3}, .high_noise_steps = 1, .total_s = 2},
      .latents = {.shape = {16, 2, 1, 1}},
      .transformer_forwards = 8,
      .nonfinite_latents = 2,
      .peak_bytes = 7,
      .memory = {{.stage = "vae_decode", .predicted_bytes = 1, .measured_bytes = 2}},
      .fallbacks = {"layer 3"}};
  const TimedSteps steps{
      .stages = {.stages = {{.name = "diffusion_loop", .elapsed_s = 0.3}}, .step_s = {0.2, 0.1}, .high_noise_steps = 1, .total_s = 0.4},
      .clip_high_noise_steps = 5,
      .clip_low_noise_steps = 7,
      .transformer_forwards = 4,
      .nonfinite_latents = 1,
      .latents_hash = "h",
      .peak_bytes = 9,
      .memory = {{.stage = "diffusion_loop", .predicted_bytes = 3, .measured_bytes = 4}},
      .fallbacks = {"layer 4"}};
  const ReplayResult replay{
      .steps = {{.step = 1, .low_noise = true, .relative_l2 = std::numeric_limits<double>::quiet_NaN(), .cosine = -1},
                {.step = 2, .relative_l2 = std::numeric_limits<double>::infinity(), .cosine = -std::numeric_limits<double>::infinity()}},
      .transformer_forwards = 4,
      .fallbacks = {"g"}};
  return {run::Hello{.build = "b"},
          run::Load{.request = load},
          run::Generate{.id = 3, .request = request},
          run::TimeSteps{.id = 6, .request = request, .steps_an_expert = 3},
          run::Replay{.id = 4, .request = request, .trajectory_file = "t"},
          run::Cancel{.id = 5},
          run::Beat{},
          run::StepDone{.done = 1, .total = 40},
          run::Loaded{.report = report},
          run::Generated{.result = result},
          run::StepsTimed{.result = steps},
          run::Replayed{.result = replay},
          run::Failed{.kind = run::FailedKind::fatal_cuda, .text = "lost", .code = 700}};
}

}  // namespace wan::testing
