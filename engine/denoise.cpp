#include "engine/denoise.h"

#include <ATen/ops/stack.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "engine/runtime/mark.h"
#include "engine/runtime/nvtx.h"
#include "engine/runtime/tensor.h"
#include "engine/sampling/guidance.h"

namespace wan {
namespace {

Part part_of(const PipelineConfig& config, const sampling::Schedule& schedule, std::size_t step) {
  const bool low_noise = config.boundary && schedule.timesteps[step] < *config.boundary * static_cast<double>(schedule.train_steps);
  return low_noise ? Part::low_noise : Part::high_noise;
}

// What the request wants of its schedule.
std::vector<std::int64_t> steps_of(const DenoiseRequest& request) {
  if (!request.steps.empty()) return request.steps;
  std::vector<std::int64_t> all(request.schedule.timesteps.size());
  std::iota(all.begin(), all.end(), std::int64_t{0});
  return all;
}

// The schedule from a step on.
sampling::Schedule rest_of(const sampling::Schedule& schedule, std::int64_t step) {
  return {.sigmas = {schedule.sigmas.begin() + step, schedule.sigmas.end()},
          .timesteps = {schedule.timesteps.begin() + step, schedule.timesteps.end()},
          .train_steps = schedule.train_steps};
}

// What one expert needs of the prompts and of the schedule: the same in every step, so it is made once a request.
struct ExpertContext {
  model::TextContext positive = {}, negative = {};
  model::TimeEmbedding time = {};  // a row a step
};

// A step that has been asked for and not yet looked at.
struct PendingStep {
  std::size_t place;   // among those that were asked for
  std::int64_t index;  // in the schedule
  Part part;
  at::Tensor latents;                            // before it
  std::unique_ptr<sampling::FlowSolver> solver;  // before it; null without the guard
  at::Tensor finite;                             // [forwards * blocks] bool on the host, valid behind `end`; undefined without the guard
  runtime::Mark begin, end;
};

class Denoiser {
 public:
  Denoiser(Pipeline& pipeline, const DenoiseRequest& request)
      : pipeline_(pipeline),
        request_(request),
        steps_(steps_of(request)),
        solver_(sampling::make_flow_solver(request.solver, request.schedule, request.solver_options)) {
    result_.latents = request.noise;
    result_.step_s.resize(steps_.size());
    for (const std::int64_t step : steps_)
      result_.high_noise_steps += part_of(pipeline.config(), request.schedule, static_cast<std::size_t>(step)) == Part::high_noise;
  }

  DenoiseResult run(const Progress& progress) {
    const bool ahead = request_.run_ahead.value_or(!pipeline_.device().is_cpu());
    std::optional<PendingStep> pending;
    for (std::size_t next = 0; next < steps_.size() || pending;) {
      std::optional<PendingStep> started;
      if (next < steps_.size() && (ahead || !pending)) started = start(next++);
      if (pending) {
        if (!settle(*pending)) {
          next = pending->place;
          at_ = pending->index;
          result_.latents = pending->latents;
          solver_ = std::move(pending->solver);
          started.reset();
        } else if (progress && !progress(static_cast<std::int64_t>(pending->place) + 1, std::ssize(steps_))) {
          throw Cancelled{};
        }
      }
      pending = std::move(started);
    }
    return std::move(result_);
  }

 private:
  const ExpertContext& context(Part part, const model::Transformer& expert) {
    const auto found = contexts_.find(part);
    if (found != contexts_.end()) return found->second;
    ExpertContext made{.positive = expert.prepare_text(request_.positive.states)};
    if (request_.negative.states.defined()) made.negative = expert.prepare_text(request_.negative.states);
    made.time = expert.prepare_time(request_.schedule.timesteps);
    return contexts_.emplace(part, std::move(made)).first->second;
  }

  void skip_to(std::int64_t index) {
    const auto& sigmas = request_.schedule.sigmas;
    const auto sigma = [&](std::int64_t step) { return static_cast<double>(sigmas.at(static_cast<std::size_t>(step))); };
    if (velocity_.defined()) result_.latents = result_.latents + velocity_ * (sigma(index) - sigma(at_));
    solver_ = sampling::make_flow_solver(request_.solver, rest_of(request_.schedule, index), request_.solver_options);
    at_ = index;
  }

  PendingStep start(std::size_t place) {
    const std::int64_t index = steps_[place];
    if (index != at_) skip_to(index);
    const NvtxRange range(fmt::format("step {}", index));
    const bool guarded = pipeline_.placement().nan_guard;
    if (request_.latents_at) result_.latents = request_.latents_at(index);
    PendingStep step{.place = place,
                     .index = index,
                     .part = part_of(pipeline_.config(), request_.schedule, static_cast<std::size_t>(index)),
                     .latents = result_.latents,
                     .solver = guarded ? solver_->clone() : nullptr,
                     .finite = {},
                     .begin = runtime::Mark(pipeline_.device()),
                     .end = runtime::Mark(pipeline_.device())};
    model::BlockHealth health;
    pipeline_.seams().execute([&] { evaluate_and_advance(step, guarded ? &health : nullptr); });
    if (guarded) step.finite = at::stack(health.finite).to(at::kCPU, /*non_blocking=*/true);
    step.end = runtime::Mark(pipeline_.device());
    return step;
  }

  void evaluate_and_advance(const PendingStep& step, model::BlockHealth* health) {
    const Seams& seams = pipeline_.seams();
    const model::Transformer& expert = pipeline_.expert(step.part);
    const ExpertContext& shared = context(step.part, expert);
    if (!rope_.cosine.defined()) rope_ = expert.prepare_rope(step.latents.sizes());
    const auto time = shared.time.row(step.index);
    const auto velocity = [&](const model::TextContext& text) {
      ++result_.forwards;
      return expert.forward(step.latents, time, text, rope_, health);
    };
    const at::Tensor conditional = velocity(shared.positive);
    const at::Tensor unconditional = request_.negative.states.defined() ? velocity(shared.negative) : at::Tensor();
    const bool low_noise = step.part == Part::low_noise;
    GuideAndStep guided{.conditional = conditional,
                        .unconditional = unconditional,
                        .guidance = low_noise ? request_.guidance_low : request_.guidance_high,
                        .solver = *solver_,
                        .latents = step.latents};
    seams.guide_and_step(guided);
    const StepView view{.step = step.index,
                        .steps = std::ssize(request_.schedule.timesteps),
                        .low_noise = low_noise,
                        .latents = step.latents,
                        .velocity = guided.velocity};
    for (const auto& look : seams.observe) look(view);
    if (request_.observe) request_.observe(view);
    result_.latents = guided.latents;
    at_ = step.index + 1;
    if (!request_.steps.empty()) velocity_ = guided.velocity;
  }

  // False: a block turned finite numbers into NaN or Inf, and runs on its BF16 weights from now on; the step must be done again.
  bool settle(const PendingStep& step) {
    step.end.wait();
    result_.step_s[step.place] = step.end.seconds_since(step.begin);
    if (!step.finite.defined()) return true;
    const auto blocks = pipeline_.config().transformer.layers;
    std::int64_t first = blocks;
    for (std::int64_t i = 0; i < step.finite.size(0); ++i)
      if (!step.finite[i].item<bool>()) first = std::min(first, i % blocks);
    if (first == blocks || !pipeline_.expert(step.part).use_reference_weights(static_cast<int>(first))) return true;
    contexts_.erase(step.part);  // its keys and values came from the dropped weights
    result_.fallbacks.push_back(fmt::format("NaN or Inf in block {} of the {} expert at step {}: redone with the block's layers in BF16",
                                            first, step.part == Part::low_noise ? "low-noise" : "high-noise", step.index));
    return false;
  }

  Pipeline& pipeline_;
  const DenoiseRequest& request_;
  std::vector<std::int64_t> steps_;
  std::int64_t at_ = 0;       // the step of the schedule that the latents stand before
  at::Tensor velocity_ = {};  // of the last step; undefined where none is left out
  std::unique_ptr<sampling::FlowSolver> solver_;
  model::RopeTables rope_ = {};
  std::map<Part, ExpertContext> contexts_ = {};
  DenoiseResult result_ = {};
};

// Every walk over an expert's blocks that the loop will take, in order.
std::vector<Part> passes_of(const PipelineConfig& config, const DenoiseRequest& request) {
  const int prompts = request.negative.states.defined() ? 2 : 1;
  std::vector<Part> passes;
  const auto add = [&](Part part) { passes.insert(passes.end(), static_cast<std::size_t>(prompts), part); };
  for (const std::int64_t step : steps_of(request)) {
    const Part part = part_of(config, request.schedule, static_cast<std::size_t>(step));
    if (std::find(passes.begin(), passes.end(), part) == passes.end()) add(part);  // keys and values of the prompts
    add(part);
  }
  return passes;
}

}  // namespace

std::int64_t high_noise_steps(const PipelineConfig& config, const sampling::Schedule& schedule) {
  std::int64_t steps = 0;
  for (std::size_t step = 0; step < schedule.timesteps.size(); ++step) steps += part_of(config, schedule, step) == Part::high_noise;
  return steps;
}

DenoiseResult denoise(Pipeline& pipeline, const DenoiseRequest& request, const Progress& progress) {
  pipeline.expect_passes(passes_of(pipeline.config(), request));
  DenoiseResult result = Denoiser(pipeline, request).run(progress);
  pipeline.release_experts();
  return result;
}

}  // namespace wan
