// The fields of the config structs, listed once: name, unit, range. Parsing, printing, hashing and the check of suites/schema.md all walk
// these lists, so a field that is missing here is missing everywhere at once. Defaults stand beside the fields, in tier.h and parse.h.
#pragma once

#include <concepts>
#include <limits>
#include <string_view>
#include <type_traits>

#include "engine/base/either.h"
#include "harness/plan/case.h"
#include "harness/plan/parse.h"
#include "harness/plan/tier.h"

namespace wan::plan {

// Rules return whether a value is acceptable; `wanted` says in words what is.
struct Field {
  std::string_view name;
  std::string_view unit = {};                                 // empty: none
  double minimum = -std::numeric_limits<double>::infinity();  // inclusive, numbers only
  double maximum = std::numeric_limits<double>::infinity();
  bool (*number_rule)(double) = nullptr;
  bool (*text_rule)(std::string_view) = nullptr;
  std::string_view wanted = {};  // needed with a rule
};

// Rules used below (fields.cpp).
bool is_positive(double value);
bool is_frame_count(double value);          // 4k + 1, or 0
bool is_identifier(std::string_view text);  // [a-z0-9_]+
bool is_solver(std::string_view text);
bool is_precision(std::string_view text);
bool is_reference(std::string_view text);
bool is_device(std::string_view text);   // cpu, cuda, cuda:<index>
bool is_devices(std::string_view text);  // such, separated by commas
bool is_noise_source(std::string_view text);
bool is_not_blank(std::string_view text);

inline constexpr std::string_view kIdentifierWords = "lower-case letters, digits and underscores";
inline constexpr std::string_view kDeviceWords = "cpu, cuda or cuda:<index>";
inline constexpr std::string_view kDevicesWords = "cpu, cuda or cuda:<index>, or several of these with commas";
inline constexpr std::string_view kNoiseWords = "cpu or cuda";

template <Either<Shape> S, typename Visitor>
void visit_fields(S& shape, Visitor&& visit) {
  visit(Field{.name = "width", .unit = "pixels", .minimum = 0, .maximum = 16384}, shape.width);
  visit(Field{.name = "height", .unit = "pixels", .minimum = 0, .maximum = 16384}, shape.height);
  visit(Field{.name = "frames",
              .unit = "frames",
              .minimum = 0,
              .maximum = 4097,
              .number_rule = is_frame_count,
              .wanted = "4k + 1, or 0 for the model's default"},
        shape.frames);
  visit(Field{.name = "steps", .unit = "steps", .minimum = 0, .maximum = 1000}, shape.steps);
  visit(Field{.name = "solver", .text_rule = is_solver, .wanted = "unipc, dpm++, euler, or '' for the checkpoint's"}, shape.solver);
  visit(Field{.name = "shift", .minimum = 0, .maximum = 100}, shape.shift);
  visit(Field{.name = "guidance_low", .minimum = 0, .maximum = 100}, shape.guidance_low);
  visit(Field{.name = "guidance_high", .minimum = 0, .maximum = 100}, shape.guidance_high);
  visit(Field{.name = "precision", .text_rule = is_precision, .wanted = "bfloat16 or float32"}, shape.precision);
  visit(Field{.name = "reference", .text_rule = is_reference, .wanted = "auto, official or diffusers"}, shape.reference);
}

template <Either<Levels> S, typename Visitor>
void visit_fields(S& levels, Visitor&& visit) {
  visit(Field{.name = "min_ssim"}, levels.min_ssim);
  visit(Field{.name = "reject_ssim"}, levels.reject_ssim);
  visit(Field{.name = "max_lpips"}, levels.max_lpips);
  visit(Field{.name = "min_psnr_db"}, levels.min_psnr_db);
  visit(Field{.name = "max_artifact_share"}, levels.max_artifact_share);
  visit(Field{.name = "calibrated_ratio"}, levels.calibrated_ratio);
  visit(Field{.name = "teacher_forced_max"}, levels.teacher_forced_max);
  visit(Field{.name = "materiality"}, levels.materiality);
  visit(Field{.name = "claim"}, levels.claim);
  visit(Field{.name = "min_speedup"}, levels.min_speedup);
  visit(Field{.name = "crashes"}, levels.crashes);
  visit(Field{.name = "out_of_memory"}, levels.out_of_memory);
  visit(Field{.name = "nonfinite"}, levels.nonfinite);
  visit(Field{.name = "bit_equality"}, levels.bit_equality);
  visit(Field{.name = "audits"}, levels.audits);
}

template <Either<Thresholds> S, typename Visitor>
void visit_fields(S& thresholds, Visitor&& visit) {
  visit(Field{.name = "min_ssim", .minimum = -1, .maximum = 1}, thresholds.min_ssim);
  visit(Field{.name = "max_lpips", .minimum = 0, .maximum = 10}, thresholds.max_lpips);
  visit(Field{.name = "min_psnr_db", .unit = "dB", .minimum = 0, .maximum = 200}, thresholds.min_psnr_db);
  visit(Field{.name = "reject_ssim", .minimum = -1, .maximum = 1}, thresholds.reject_ssim);
  visit(Field{.name = "max_artifact_share", .unit = "share of clips", .minimum = 0, .maximum = 1}, thresholds.max_artifact_share);
  visit(Field{.name = "calibrated_ratio", .unit = "ratio", .minimum = 1, .maximum = 100}, thresholds.calibrated_ratio);
  visit(Field{.name = "teacher_forced_max", .unit = "relative L2", .minimum = 0, .maximum = 10}, thresholds.teacher_forced_max);
  visit(Field{.name = "materiality", .unit = "share of time", .minimum = 0, .maximum = 1}, thresholds.materiality);
  visit(Field{.name = "min_speedup", .unit = "ratio", .maximum = 1000, .number_rule = is_positive, .wanted = "more than 0"},
        thresholds.min_speedup);
  visit(Field{.name = "levels"}, thresholds.levels);
}

// What a tier sets for all its configurations and each may change.
template <Either<Configuration> S, typename Visitor>
void visit_shared_fields(S& configuration, Visitor&& visit) {
  const auto id = [](std::string_view name) { return Field{.name = name, .text_rule = is_identifier, .wanted = kIdentifierWords}; };
  visit(id("speed_baseline"), configuration.speed_baseline);
  visit(id("quality_baseline"), configuration.quality_baseline);
  visit(id("noise_floor"), configuration.noise_floor);
  visit(Field{.name = "gate"}, configuration.gate);
}

// All but the optimisations, which need the catalogue to be read.
template <Either<Configuration> S, typename Visitor>
void visit_fields(S& configuration, Visitor&& visit) {
  visit(Field{.name = "id", .text_rule = is_identifier, .wanted = kIdentifierWords}, configuration.id);
  visit(Field{.name = "summary"}, configuration.summary);
  visit(Field{.name = "benefit"}, configuration.benefit);
  visit(Field{.name = "claim", .unit = "ratio", .maximum = 1000, .number_rule = is_positive, .wanted = "more than 0"}, configuration.claim);
  visit_shared_fields(configuration, visit);
  visit(Field{.name = "guidance", .minimum = 0, .maximum = 100}, configuration.guidance);
  visit(Field{.name = "thresholds"}, configuration.thresholds);
}

template <Either<Prompt> S, typename Visitor>
void visit_fields(S& prompt, Visitor&& visit) {
  visit(Field{.name = "id", .text_rule = is_identifier, .wanted = kIdentifierWords}, prompt.id);
  visit(Field{.name = "category", .text_rule = is_identifier, .wanted = kIdentifierWords}, prompt.category);
  visit(Field{.name = "text", .text_rule = is_not_blank, .wanted = "not blank"}, prompt.text);
  visit(Field{.name = "negative"}, prompt.negative);
}

// A setting that a tier may make, as its size is.
inline constexpr Field kStepsAVisit{.name = "steps_a_visit", .unit = "steps", .minimum = 0, .maximum = 100};

template <Either<Settings> S, typename Visitor>
void visit_fields(S& settings, Visitor&& visit) {
  visit(Field{.name = "tiers"}, settings.tiers);
  visit(Field{.name = "configs"}, settings.configs);
  visit(Field{.name = "suite", .text_rule = is_not_blank, .wanted = "a suite"}, settings.suite);
  visit(Field{.name = "seeds"}, settings.seeds);
  visit(Field{.name = "filter"}, settings.filter);
  visit(Field{.name = "model", .text_rule = is_not_blank, .wanted = "a model"}, settings.model);
  visit(Field{.name = "device", .text_rule = is_devices, .wanted = kDevicesWords}, settings.device);
  visit(Field{.name = "threads", .unit = "threads", .minimum = 0, .maximum = 4096}, settings.threads);
  visit(Field{.name = "noise_source", .text_rule = is_noise_source, .wanted = kNoiseWords}, settings.noise_source);
  visit(Field{.name = "strict"}, settings.strict);
  visit(Field{.name = "out", .text_rule = is_not_blank, .wanted = "a folder"}, settings.out);
  visit(Field{.name = "metrics"}, settings.metrics);
  visit(Field{.name = "blocks", .unit = "blocks", .minimum = 0, .maximum = 1000}, settings.blocks);
  visit(Field{.name = "runs_a_visit", .unit = "runs", .minimum = 1, .maximum = 99}, settings.runs_a_visit);
  visit(kStepsAVisit, settings.steps_a_visit);
  visit(Field{.name = "extension"}, settings.extension);
  visit(Field{.name = "order_seed", .minimum = 0}, settings.order_seed);
  visit(Field{.name = "teacher_forced", .unit = "prompts", .minimum = 0, .maximum = 1000}, settings.teacher_forced);
  visit(Field{.name = "shape"}, settings.shape);
}

template <Either<GenerateSettings> S, typename Visitor>
void visit_fields(S& settings, Visitor&& visit) {
  visit(Field{.name = "model", .text_rule = is_not_blank, .wanted = "a model"}, settings.model);
  visit(Field{.name = "device", .text_rule = is_device, .wanted = kDeviceWords}, settings.device);
  visit(Field{.name = "threads", .unit = "threads", .minimum = 0, .maximum = 4096}, settings.threads);
  visit(Field{.name = "configs"}, settings.configs);
  visit(Field{.name = "prompt"}, settings.prompt);
  visit(Field{.name = "negative_prompt"}, settings.negative_prompt);
  visit(Field{.name = "seed", .minimum = 0}, settings.seed);
  visit(Field{.name = "noise_source", .text_rule = is_noise_source, .wanted = kNoiseWords}, settings.noise_source);
  visit(Field{.name = "noise_file"}, settings.noise_file);
  visit(Field{.name = "save_file"}, settings.save_file);
  visit(Field{.name = "save_latents"}, settings.save_latents);
  visit(Field{.name = "strict"}, settings.strict);
  visit(Field{.name = "shape"}, settings.shape);
}

template <Either<CaseContext> S, typename Visitor>
void visit_fields(S& context, Visitor&& visit) {
  visit(Field{.name = "build_id"}, context.build_id);
  visit(Field{.name = "weights_hash"}, context.weights_hash);
  visit(Field{.name = "device_class"}, context.device_class);
  visit(Field{.name = "noise_source"}, context.noise_source);
  visit(Field{.name = "tuned_choices"}, context.tuned_choices);
}

template <Either<Case> S, typename Visitor>
void visit_fields(S& item, Visitor&& visit) {
  visit(Field{.name = "optimizations"}, item.optimizations);
  visit(Field{.name = "shape"}, item.shape);
  visit(Field{.name = "prompt"}, item.prompt);
  visit(Field{.name = "negative"}, item.negative);
  visit(Field{.name = "seed"}, item.seed);
  visit(Field{.name = "context"}, item.context);
}

// A struct with a list above: visitors descend into it.
struct IgnoreField {
  template <typename T>
  void operator()(const Field&, T&) const {}
};
template <typename T>
concept Fielded = requires(T& value) {
  visit_fields(value, IgnoreField{});
};

}  // namespace wan::plan
