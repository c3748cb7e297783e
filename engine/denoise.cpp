#include "engine/denoise.h"

#include <ATen/ops/stack.h>
#include <fmt/format.h>

#include <chrono>
#include <map>

#include "engine/runtime/device.h"
#include "engine/runtime/nvtx.h"
#include "engine/runtime/tensor.h"
#include "engine/sampling/guidance.h"

namespace wan {
namespace {

// One expert with what it needs of both prompts.
struct ExpertContext {
  model::TextContext positive = {}, negative = {};
};

class Denoiser {
 public:
  Denoiser(Pipeline& pipeline, const DenoiseRequest& request) : pipeline_(pipeline), request_(request) {}

  // Both velocities at `latents`; the unconditional one is undefined without guidance.
  struct Velocities {
    at::Tensor conditional = {}, unconditional = {};
  };

  Velocities evaluate(Part part, const at::Tensor& latents, double timestep, model::BlockHealth* health) {
    model::Transformer& expert = pipeline_.expert(part);
    const ExpertContext& text = context(part, expert);
    if (!rope_.cosine.defined()) rope_ = expert.prepare_rope(latents.sizes());
    Velocities v{.conditional = expert.forward(latents, timestep, text.positive, rope_, health)};
    ++forwards;
    if (!request_.negative.states.defined()) return v;
    v.unconditional = expert.forward(latents, timestep, text.negative, rope_, health);
    ++forwards;
    return v;
  }

  // The same, and again with BF16 in the blocks that turned finite numbers into NaN or Inf, until none does.
  Velocities evaluate_guarded(Part part, const at::Tensor& latents, double timestep, std::int64_t step) {
    for (;;) {
      model::BlockHealth health;
      Velocities v = evaluate(part, latents, timestep, &health);
      const at::Tensor finite = at::stack(health.finite).cpu();  // the step's one read
      const auto blocks = pipeline_.config().transformer.layers;
      std::int64_t first = blocks;
      for (std::int64_t i = 0; i < finite.size(0); ++i)
        if (!finite[i].item<bool>()) first = std::min(first, i % blocks);
      if (first == blocks || !pipeline_.expert(part).use_reference_weights(static_cast<int>(first))) return v;
      contexts_.erase(part);  // its keys and values came from the dropped weights
      fallbacks.push_back(fmt::format("NaN or Inf in block {} of the {} expert at step {}: redone with the block's layers in BF16", first,
                                      part == Part::low_noise ? "low-noise" : "high-noise", step));
    }
  }

  std::int64_t forwards = 0;
  std::vector<std::string> fallbacks = {};

 private:
  const ExpertContext& context(Part part, const model::Transformer& expert) {
    const auto found = contexts_.find(part);
    if (found != contexts_.end()) return found->second;
    ExpertContext made{.positive = expert.prepare_text(request_.positive.states)};
    if (request_.negative.states.defined()) made.negative = expert.prepare_text(request_.negative.states);
    return contexts_.emplace(part, std::move(made)).first->second;
  }

  Pipeline& pipeline_;
  const DenoiseRequest& request_;
  model::RopeTables rope_ = {};
  std::map<Part, ExpertContext> contexts_ = {};
};

}  // namespace

DenoiseResult denoise(Pipeline& pipeline, const DenoiseRequest& request, const Progress& progress) {
  using Clock = std::chrono::steady_clock;
  const Seams& seams = pipeline.seams();
  const auto solver = sampling::make_flow_solver(request.solver, request.schedule);
  const auto boundary = pipeline.config().boundary;
  const auto steps = static_cast<std::int64_t>(request.schedule.timesteps.size());
  Denoiser denoiser(pipeline, request);
  DenoiseResult result{.latents = request.noise};
  for (std::int64_t i = 0; i < steps; ++i) {
    const NvtxRange range(fmt::format("step {}", i));
    const auto start = Clock::now();
    const double timestep = request.schedule.timesteps[static_cast<std::size_t>(i)];
    const bool low_noise = boundary && timestep < *boundary * 1000.0;
    const Part part = low_noise ? Part::low_noise : Part::high_noise;
    seams.execute([&] {
      const auto v = pipeline.placement().nan_guard ? denoiser.evaluate_guarded(part, result.latents, timestep, i)
                                                    : denoiser.evaluate(part, result.latents, timestep, nullptr);
      GuideAndStep guided{.conditional = v.conditional,
                          .unconditional = v.unconditional,
                          .guidance = low_noise ? request.guidance_low : request.guidance_high,
                          .solver = *solver,
                          .latents = result.latents};
      seams.guide_and_step(guided);
      for (const auto& look : seams.observe)
        look({.step = i, .steps = steps, .low_noise = low_noise, .latents = result.latents, .velocity = guided.velocity});
      result.latents = guided.latents;
    });
    runtime::synchronize(pipeline.device());  // the time of the step is part of the record
    result.step_s.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    if (progress && !progress(i + 1, steps)) throw Cancelled{};
  }
  result.forwards = denoiser.forwards;
  result.fallbacks = std::move(denoiser.fallbacks);
  return result;
}

}  // namespace wan
