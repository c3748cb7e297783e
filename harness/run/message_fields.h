// The fields of every value that crosses the channel, each listed once. The bindings name every member of a struct, so that a field added
// to engine/generation.h and forgotten here does not compile.
#pragma once

#include <array>

#include "engine/base/either.h"
#include "engine/io/json_codec.h"
#include "harness/run/message.h"

namespace wan::io {

template <>
struct Words<Solver> {
  static constexpr std::array kAll{Solver::unipc, Solver::dpmpp, Solver::euler};
};
template <>
struct Words<Reference> {
  static constexpr std::array kAll{Reference::automatic, Reference::official, Reference::diffusers};
};
template <>
struct Words<Precision> {
  static constexpr std::array kAll{Precision::float32, Precision::bfloat16};
};
template <>
struct Words<run::FailedKind> {
  static constexpr std::array kAll{run::FailedKind::usage,     run::FailedKind::check,  run::FailedKind::cuda, run::FailedKind::fatal_cuda,
                                   run::FailedKind::cancelled, run::FailedKind::memory, run::FailedKind::other};
};

}  // namespace wan::io

namespace wan::run {

void visit_fields(Either<OptimizationChoice> auto& value, auto&& visit) {
  auto& [id, parameters] = value;
  visit("id", id);
  visit("parameters", parameters);
}

void visit_fields(Either<LoraRequest> auto& value, auto&& visit) {
  auto& [path, scale, expert] = value;
  visit("path", path);
  visit("scale", scale);
  visit("expert", expert);
}

void visit_fields(Either<GenerationRequest> auto& value, auto&& visit) {
  auto& [prompt, negative_prompt, width, height, frames, steps, solver, solver_from_checkpoint, shift, guidance_low, guidance_high, seed,
         reference, noise_source, noise_file, keep_latents, trajectory_file] = value;
  visit("prompt", prompt);
  visit("negative_prompt", negative_prompt);
  visit("width", width);
  visit("height", height);
  visit("frames", frames);
  visit("steps", steps);
  visit("solver", solver);
  visit("solver_from_checkpoint", solver_from_checkpoint);
  visit("shift", shift);
  visit("guidance_low", guidance_low);
  visit("guidance_high", guidance_high);
  visit("seed", seed);
  visit("reference", reference);
  visit("noise_source", noise_source);
  visit("noise_file", noise_file);
  visit("keep_latents", keep_latents);
  visit("trajectory_file", trajectory_file);
}

void visit_fields(Either<MemoryRequest> auto& value, auto&& visit) {
  auto& [clip, keep_experts, usable_bytes] = value;
  visit("clip", clip);
  visit("keep_experts", keep_experts);
  visit("usable_bytes", usable_bytes);
}

void visit_fields(Either<LoadRequest> auto& value, auto&& visit) {
  auto& [checkpoint_dir, device, precision, optimizations, loras, threads, strict, prompt_cache_dir, memory] = value;
  visit("checkpoint_dir", checkpoint_dir);
  visit("device", device);
  visit("precision", precision);
  visit("optimizations", optimizations);
  visit("loras", loras);
  visit("threads", threads);
  visit("strict", strict);
  visit("prompt_cache_dir", prompt_cache_dir);
  visit("memory", memory);
}

void visit_fields(Either<LoadReport> auto& value, auto&& visit) {
  auto& [load_s, weight_bytes, host_weight_bytes, weights_hash, fallbacks, emulations, plan] = value;
  visit("load_s", load_s);
  visit("weight_bytes", weight_bytes);
  visit("host_weight_bytes", host_weight_bytes);
  visit("weights_hash", weights_hash);
  visit("fallbacks", fallbacks);
  visit("emulations", emulations);
  visit("plan", plan);
}

void visit_fields(Either<VideoClip> auto& value, auto&& visit) {
  auto& [frames, height, width, frames_per_second, beside, nonfinite_values] = value;
  visit("frames", frames);
  visit("height", height);
  visit("width", width);
  visit("frames_per_second", frames_per_second);
  visit("nonfinite_values", nonfinite_values);
}

void visit_fields(Either<Latents> auto& value, auto&& visit) {
  auto& [shape, beside] = value;
  visit("shape", shape);
}

void visit_fields(Either<StageMemory> auto& value, auto&& visit) {
  auto& [stage, predicted_bytes, measured_bytes] = value;
  visit("stage", stage);
  visit("predicted_bytes", predicted_bytes);
  visit("measured_bytes", measured_bytes);
}

void visit_fields(Either<GenerationResult> auto& value, auto&& visit) {
  auto& [clip, stages, latents, transformer_forwards, nonfinite_latents, peak_bytes, memory, fallbacks] = value;
  visit("clip", clip);
  visit("stages", stages);
  visit("latents", latents);
  visit("transformer_forwards", transformer_forwards);
  visit("nonfinite_latents", nonfinite_latents);
  visit("peak_bytes", peak_bytes);
  visit("memory", memory);
  visit("fallbacks", fallbacks);
}

void visit_fields(Either<TimedSteps> auto& value, auto&& visit) {
  auto& [stages, clip_high_noise_steps, clip_low_noise_steps, transformer_forwards, nonfinite_latents, latents_hash, peak_bytes, memory,
         fallbacks] = value;
  visit("stages", stages);
  visit("clip_high_noise_steps", clip_high_noise_steps);
  visit("clip_low_noise_steps", clip_low_noise_steps);
  visit("transformer_forwards", transformer_forwards);
  visit("nonfinite_latents", nonfinite_latents);
  visit("latents_hash", latents_hash);
  visit("peak_bytes", peak_bytes);
  visit("memory", memory);
  visit("fallbacks", fallbacks);
}

void visit_fields(Either<StepError> auto& value, auto&& visit) {
  auto& [step, low_noise, relative_l2, cosine] = value;
  visit("step", step);
  visit("low_noise", low_noise);
  visit("relative_l2", relative_l2);
  visit("cosine", cosine);
}

void visit_fields(Either<ReplayResult> auto& value, auto&& visit) {
  auto& [steps, transformer_forwards, fallbacks] = value;
  visit("steps", steps);
  visit("transformer_forwards", transformer_forwards);
  visit("fallbacks", fallbacks);
}

void visit_fields(Either<Hello> auto& value, auto&& visit) {
  visit("protocol", value.protocol);
  visit("build", value.build);
}

void visit_fields(Either<Load> auto& value, auto&& visit) { visit("request", value.request); }

void visit_fields(Either<Generate> auto& value, auto&& visit) {
  visit("id", value.id);
  visit("request", value.request);
}

void visit_fields(Either<TimeSteps> auto& value, auto&& visit) {
  visit("id", value.id);
  visit("request", value.request);
  visit("steps_an_expert", value.steps_an_expert);
}

void visit_fields(Either<Replay> auto& value, auto&& visit) {
  visit("id", value.id);
  visit("request", value.request);
  visit("trajectory_file", value.trajectory_file);
}

void visit_fields(Either<Cancel> auto& value, auto&& visit) { visit("id", value.id); }

void visit_fields(Either<Beat> auto&, auto&&) {}

void visit_fields(Either<StepDone> auto& value, auto&& visit) {
  visit("done", value.done);
  visit("total", value.total);
}

void visit_fields(Either<Loaded> auto& value, auto&& visit) { visit("report", value.report); }

void visit_fields(Either<Generated> auto& value, auto&& visit) { visit("result", value.result); }

void visit_fields(Either<StepsTimed> auto& value, auto&& visit) { visit("result", value.result); }

void visit_fields(Either<Replayed> auto& value, auto&& visit) { visit("result", value.result); }

void visit_fields(Either<Failed> auto& value, auto&& visit) {
  visit("kind", value.kind);
  visit("text", value.text);
  visit("code", value.code);
}

}  // namespace wan::run
