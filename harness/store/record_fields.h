// The fields of a record, each listed once: writing, strict reading and the refusal of unknown keys follow from these lists. `visit` gets
// the key and the field, in the order of the file. A change here that old readers would miss raises kSchema.
#pragma once

#include <array>

#include "engine/base/either.h"
#include "engine/io/json_codec.h"
#include "harness/machine/covariates.h"
#include "harness/store/record.h"

namespace wan::io {

template <>
struct Words<store::CellStatus> {
  static constexpr std::array kAll{store::CellStatus::done, store::CellStatus::failed, store::CellStatus::skipped,
                                   store::CellStatus::interrupted};
};
template <>
struct Words<plan::Benefit> {
  static constexpr std::array kAll{plan::Benefit::none, plan::Benefit::speed, plan::Benefit::memory, plan::Benefit::throughput};
};
template <>
struct Words<plan::GateKind> {
  static constexpr std::array kAll{plan::GateKind::roadmap, plan::GateKind::calibrated};
};
template <>
struct Words<plan::Level> {
  static constexpr std::array kAll{plan::Level::off, plan::Level::warn, plan::Level::error};
};
template <>
struct Words<OptimizationClass> {
  static constexpr std::array kAll{OptimizationClass::exact, OptimizationClass::equivalent, OptimizationClass::lossy};
};

}  // namespace wan::io

namespace wan::store {

void visit_fields(Either<Environment> auto& value, auto&& visit) {
  visit("version", value.version);
  visit("git_revision", value.git_revision);
  visit("build_id", value.build_id);
  visit("build_type", value.build_type);
  visit("compiler", value.compiler);
  visit("libtorch", value.libtorch);
  visit("device", value.device);
  visit("device_name", value.device_name);
  visit("driver", value.driver);
  visit("cuda", value.cuda);
  visit("host_os", value.host_os);
  visit("cpu", value.cpu);
  visit("cores", value.cores);
  visit("memory_bytes", value.memory_bytes);
  visit("started_at", value.started_at);
  visit("warnings", value.warnings);
}

void visit_fields(Either<OptimizationChoice> auto& value, auto&& visit) {
  visit("id", value.id);
  visit("parameters", value.parameters);
}

void visit_fields(Either<plan::Levels> auto& value, auto&& visit) {
  visit("min_ssim", value.min_ssim);
  visit("reject_ssim", value.reject_ssim);
  visit("max_lpips", value.max_lpips);
  visit("min_psnr_db", value.min_psnr_db);
  visit("max_artifact_share", value.max_artifact_share);
  visit("calibrated_ratio", value.calibrated_ratio);
  visit("teacher_forced_max", value.teacher_forced_max);
  visit("materiality", value.materiality);
  visit("claim", value.claim);
  visit("min_speedup", value.min_speedup);
  visit("crashes", value.crashes);
  visit("out_of_memory", value.out_of_memory);
  visit("nonfinite", value.nonfinite);
  visit("bit_equality", value.bit_equality);
  visit("audits", value.audits);
}

void visit_fields(Either<plan::Thresholds> auto& value, auto&& visit) {
  visit("min_ssim", value.min_ssim);
  visit("max_lpips", value.max_lpips);
  visit("min_psnr_db", value.min_psnr_db);
  visit("reject_ssim", value.reject_ssim);
  visit("max_artifact_share", value.max_artifact_share);
  visit("calibrated_ratio", value.calibrated_ratio);
  visit("teacher_forced_max", value.teacher_forced_max);
  visit("materiality", value.materiality);
  visit("min_speedup", value.min_speedup);
  visit("levels", value.levels);
}

void visit_fields(Either<plan::Configuration> auto& value, auto&& visit) {
  visit("id", value.id);
  visit("summary", value.summary);
  visit("optimizations", value.optimizations);
  visit("benefit", value.benefit);
  visit("claim", value.claim);
  visit("speed_baseline", value.speed_baseline);
  visit("quality_baseline", value.quality_baseline);
  visit("noise_floor", value.noise_floor);
  visit("gate", value.gate);
  visit("thresholds", value.thresholds);
  visit("guidance", value.guidance);
}

void visit_fields(Either<plan::Shape> auto& value, auto&& visit) {
  visit("width", value.width);
  visit("height", value.height);
  visit("frames", value.frames);
  visit("steps", value.steps);
  visit("solver", value.solver);
  visit("shift", value.shift);
  visit("guidance_low", value.guidance_low);
  visit("guidance_high", value.guidance_high);
  visit("precision", value.precision);
  visit("reference", value.reference);
}

void visit_fields(Either<plan::Prompt> auto& value, auto&& visit) {
  visit("id", value.id);
  visit("category", value.category);
  visit("text", value.text);
  visit("negative", value.negative);
}

void visit_fields(Either<machine::CpuCovariates> auto& value, auto&& visit) {
  visit("mean_clock_hz", value.mean_clock_hz);
  visit("load_average", value.load_average);
  visit("own_share", value.own_share);
  visit("foreign_share", value.foreign_share);
  visit("involuntary_switches", value.involuntary_switches);
  visit("max_temperature_c", value.max_temperature_c);
  visit("cycles", value.cycles);
  visit("instructions", value.instructions);
}

void visit_fields(Either<machine::GpuCovariates> auto& value, auto&& visit) {
  visit("uuid", value.uuid);
  visit("samples", value.samples);
  visit("mean_sm_clock_hz", value.mean_sm_clock_hz);
  visit("min_sm_clock_hz", value.min_sm_clock_hz);
  visit("max_sm_clock_hz", value.max_sm_clock_hz);
  visit("mean_memory_clock_hz", value.mean_memory_clock_hz);
  visit("mean_power_w", value.mean_power_w);
  visit("power_limit_w", value.power_limit_w);
  visit("max_temperature_c", value.max_temperature_c);
  visit("event_reasons", value.event_reasons);
  visit("foreign_processes", value.foreign_processes);
  visit("new_ecc_corrected", value.new_ecc_corrected);
  visit("new_ecc_uncorrected", value.new_ecc_uncorrected);
  visit("xids", value.xids);
}

void visit_fields(Either<machine::Covariates> auto& value, auto&& visit) {
  visit("elapsed_s", value.elapsed_s);
  visit("suspended_s", value.suspended_s);
  visit("wall_step_s", value.wall_step_s);
  visit("longest_gap_s", value.longest_gap_s);
  visit("cpu", value.cpu);
  visit("gpu", value.gpu);
  visit("absent", value.absent);
}

void visit_fields(Either<Cell> auto& value, auto&& visit) {
  visit("configuration", value.configuration);
  visit("prompt", value.prompt);
  visit("category", value.category);
  visit("seed", value.seed);
  visit("key", value.key);
  visit("status", value.status);
  visit("reason", value.reason);
  visit("clip_hash", value.clip_hash);
  visit("clip_file", value.clip_file);
  visit("scores", value.scores);
  visit("stages", value.stages);
  visit("elapsed_s", value.elapsed_s);
  visit("timed", value.timed);
  visit("transformer_forwards", value.transformer_forwards);
  visit("peak_bytes", value.peak_bytes);
  visit("nonfinite", value.nonfinite);
  visit("fallbacks", value.fallbacks);
  visit("retries", value.retries);
  visit("log_tail", value.log_tail);
  visit("seal", value.seal);
}

// Of a cell in run.json: what a plan knows of it, and what its end made of it.
void visit_brief(Either<Cell> auto& value, auto&& visit) {
  visit("prompt", value.prompt);
  visit("seed", value.seed);
  visit("key", value.key);
  visit("status", value.status);
  visit("seal", value.seal);
}

void visit_fields(Either<TimedSteps> auto& value, auto&& visit) {
  visit("prompt", value.prompt);
  visit("seed", value.seed);
  visit("clip_high_noise_steps", value.clip_high_noise_steps);
  visit("clip_low_noise_steps", value.clip_low_noise_steps);
  visit("high_noise_step_s", value.high_noise_step_s);
  visit("low_noise_step_s", value.low_noise_step_s);
  visit("run_s", value.run_s);
  visit("transformer_forwards", value.transformer_forwards);
  visit("peak_bytes", value.peak_bytes);
  visit("nonfinite", value.nonfinite);
  visit("latents_hash", value.latents_hash);
  visit("fallbacks", value.fallbacks);
}

void visit_fields(Either<Visit> auto& value, auto&& visit) {
  visit("configuration", value.configuration);
  visit("block", value.block);
  visit("device", value.device);
  visit("clip_s", value.clip_s);
  visit("steps", value.steps);
  visit("load_s", value.load_s);
  visit("warm_up_s", value.warm_up_s);
  visit("covariates", value.covariates);
  visit("void_reason", value.void_reason);
  visit("seal", value.seal);
}

void visit_fields(Either<ConfigurationRecord> auto& value, auto&& visit) {
  visit("configuration", value.configuration);
  visit("kind", value.kind);
  visit("judged", value.judged);
  visit("speed_claimable", value.speed_claimable);
  visit("load_s", value.load_s);
  visit("weight_bytes", value.weight_bytes);
  visit("fallbacks", value.fallbacks);
  visit("elsewhere", value.elsewhere);
  visit("cells", value.cells);
}

void visit_fields(Either<Extension> auto& value, auto&& visit) {
  visit("blocks", value.blocks);
  visit("decided", value.decided);
  visit("configurations", value.configurations);
  visit("unused", value.unused);
}

void visit_fields(Either<PromptDistance> auto& value, auto&& visit) {
  visit("prompt", value.prompt);
  visit("log_distance", value.log_distance);
}

void visit_fields(Either<FloorDistance> auto& value, auto&& visit) {
  visit("name", value.name);
  visit("prompts", value.prompts);
}

void visit_fields(Either<PromotedFloor> auto& value, auto&& visit) {
  visit("configuration", value.configuration);
  visit("nights", value.nights);
  visit("date", value.date);
  visit("weights_hash", value.weights_hash);
  visit("distances", value.distances);
}

void visit_fields(Either<RunRecord> auto& value, auto&& visit) {
  visit("schema", value.schema);
  visit("run_id", value.run_id);
  visit("plan_hash", value.plan_hash);
  visit("shard", value.shard);
  visit("command", value.command);
  visit("environment", value.environment);
  visit("device_class", value.device_class);
  visit("tier_id", value.tier_id);
  visit("tier_title", value.tier_title);
  visit("suite_id", value.suite_id);
  visit("model", value.model);
  visit("model_task", value.model_task);
  visit("weights_hash", value.weights_hash);
  visit("shape", value.shape);
  visit("seeds", value.seeds);
  visit("prompts", value.prompts);
  visit("complete", value.complete);
  visit("elapsed_s", value.elapsed_s);
  visit("order_seed", value.order_seed);
  visit("blocks", value.blocks);
  visit("runs_a_visit", value.runs_a_visit);
  visit("steps_a_visit", value.steps_a_visit);
  visit("extension", value.extension);
  visit("promoted_floors", value.promoted_floors);
  visit("floor_source", value.floor_source);
  visit("configurations", value.configurations);
  visit("visits", value.visits);
  visit("seal", value.seal);
}

}  // namespace wan::store
