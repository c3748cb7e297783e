// wan-generate: a prompt in, a clip out. Takes the flags of the official generate.py whose parts exist, so its users can switch.
#include <CLI/CLI.hpp>
#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <iostream>
#include <random>

#include "engine/base/build_info.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/generator.h"
#include "engine/io/safetensors.h"
#include "engine/media/clip_file.h"
#include "engine/memory/bytes.h"
#include "harness/cli/arguments.h"
#include "harness/cli/optimization_list.h"
#include "harness/cli/progress_line.h"
#include "harness/cli/resources.h"
#include "harness/plan/parse.h"
#include "harness/rollout/flags.h"
#include "metrics/scorer.h"

namespace {

std::atomic<bool> interrupted{false};

struct Flags {
  std::string config_file, flags_file, ckpt_dir = "wan-tiny", task = "auto", size, prompt, solver, guide_scale, config, save_file,
                                       save_latents, noise;
  std::optional<std::string> negative_prompt;
  std::string offload_model, prompt_cache = "true", device_memory, dtype = "bfloat16", device = "cpu", reference = "auto",
                             noise_source = "cpu";
  std::int64_t frame_num = 0, steps = 0, base_seed = -1;
  int threads = 0;
  double shift = 0;
  std::vector<std::string> loras;
  bool t5_cpu = false, convert_model_dtype = false, fast_mode = false, strict = false, dry_run = false;
};

template <typename T>
T parse_number(std::string_view text, const char* flag, const char* expected) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    throw wan::UsageError(fmt::format("{} '{}': expected {}", flag, text, expected));
  return value;
}

void read_size(const std::string& text, wan::GenerationRequest& request) {
  if (text.empty()) return;
  const auto star = text.find_first_of("*xX");
  constexpr const char* kExpected = "W*H in pixels, for example 832*480";
  if (star == std::string::npos) throw wan::UsageError(fmt::format("--size '{}': expected {}", text, kExpected));
  request.width = parse_number<std::int64_t>(std::string_view(text).substr(0, star), "--size", kExpected);
  request.height = parse_number<std::int64_t>(std::string_view(text).substr(star + 1), "--size", kExpected);
}

void read_guidance(const std::string& text, wan::GenerationRequest& request) {
  if (text.empty()) return;
  constexpr const char* kExpected = "a scale, or LOW,HIGH for the low-noise and the high-noise expert";
  const auto comma = text.find(',');
  request.guidance_low = parse_number<double>(std::string_view(text).substr(0, comma), "--sample_guide_scale", kExpected);
  request.guidance_high = comma == std::string::npos
                              ? request.guidance_low
                              : parse_number<double>(std::string_view(text).substr(comma + 1), "--sample_guide_scale", kExpected);
}

// The official flags' words.
bool read_word(const char* flag, const std::string& word) {
  for (const char* yes : {"yes", "true", "t", "y", "1"})
    if (CLI::detail::to_lower(word) == yes) return true;
  for (const char* no : {"no", "false", "f", "n", "0"})
    if (CLI::detail::to_lower(word) == no) return false;
  throw wan::UsageError(fmt::format("{} '{}': expected true or false", flag, word));
}

wan::plan::Known known() { return {.optimizations = wan::list_optimizations(), .metrics = wan::metrics::list_metrics()}; }

// --config: each part is a configuration of a tier file, or an optimisation with its parameters. The same entry twice counts once.
std::vector<wan::OptimizationChoice> stack(const std::string& text) {
  std::vector<wan::OptimizationChoice> choices;
  const auto add = [&](const std::vector<wan::OptimizationChoice>& more) {
    for (const auto& choice : more)
      if (std::find(choices.begin(), choices.end(), choice) == choices.end()) choices.push_back(choice);
  };
  const auto tiers = wan::plan::list_tiers(wan::cli::suites_dir(), known());
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('+', at), text.size());
    const std::string part = text.substr(at, end - at);
    at = end + 1;
    const wan::plan::Configuration* found = nullptr;
    for (const auto& tier : tiers)
      for (const auto& configuration : tier.configurations)
        if (configuration.id == part) found = &configuration;
    add(found ? found->optimizations : wan::cli::parse_optimization_list(part));
  }
  if (const std::string fault = wan::check_configuration(choices); !fault.empty())
    throw wan::UsageError(fmt::format("--config {}: {}", text, fault));
  return choices;
}

// What a config file says, as flags; flags of the command line then go over it.
Flags read_config_file(const std::string& file) {
  const auto given = wan::plan::load_generate_config({.suites_dir = wan::cli::suites_dir(), .config_file = file}, known()).settings;
  const auto& shape = given.shape;
  Flags flags;
  flags.ckpt_dir = given.model;
  flags.device = given.device;
  flags.threads = static_cast<int>(given.threads);
  if (!given.configs.empty()) flags.config = given.configs.front();
  flags.prompt = given.prompt;
  flags.negative_prompt = given.negative_prompt;
  flags.base_seed = static_cast<std::int64_t>(given.seed);
  if (shape.width > 0 && shape.height > 0) flags.size = fmt::format("{}*{}", shape.width, shape.height);
  flags.frame_num = shape.frames;
  flags.steps = shape.steps;
  flags.solver = shape.solver;
  flags.shift = shape.shift;
  if (shape.guidance_low && shape.guidance_high) flags.guide_scale = fmt::format("{},{}", *shape.guidance_low, *shape.guidance_high);
  flags.dtype = shape.precision;
  flags.reference = shape.reference;
  flags.noise_source = given.noise_source;
  flags.noise = given.noise_file;
  flags.save_file = given.save_file;
  flags.save_latents = given.save_latents;
  flags.strict = given.strict;
  return flags;
}

// --flags: what the rollout serves at the time of this request. Nothing: the reference path.
std::optional<wan::rollout::Flag> served_flag(const Flags& flags) {
  if (flags.flags_file.empty()) return std::nullopt;
  if (!flags.config.empty())
    throw wan::UsageError("--flags and --config both say which optimisations are on: give one of them (a config file's `configs` counts)");
  const auto all = wan::rollout::read_flags(flags.flags_file, known());
  const auto* served = all.served();
  if (!served) {
    fmt::print(stderr, "flags: none is on in {}: the reference path\n", flags.flags_file);
    return std::nullopt;
  }
  if (const std::string fault = wan::check_configuration(served->optimizations); !fault.empty())
    throw wan::UsageError(fmt::format("{}: flag {}: {}", flags.flags_file, served->configuration, fault));
  fmt::print(stderr, "flags: {}, {} since {}\n", served->configuration, served->phase, served->since);
  return *served;
}

wan::LoadRequest load_request(const Flags& flags, const std::optional<wan::rollout::Flag>& served) {
  wan::LoadRequest load{.checkpoint_dir = wan::cli::model_dir(flags.ckpt_dir).string(),
                        .device = flags.device,
                        .precision = wan::parse_precision(flags.dtype),
                        .optimizations = served ? served->optimizations : stack(flags.config),
                        .threads = flags.threads,
                        .strict = flags.strict};
  for (const std::string& lora : flags.loras) load.loras.push_back(wan::parse_lora(lora));
  if (const auto cache = wan::cli::cache_dir(); read_word("--prompt_cache", flags.prompt_cache) && !cache.empty())
    load.prompt_cache_dir = (cache / "prompts").string();
  if (flags.convert_model_dtype && load.precision != wan::Precision::bfloat16)
    throw wan::UsageError("--convert_model_dtype stores the transformer in bfloat16 and contradicts --dtype float32");
  if (flags.t5_cpu) load.optimizations.push_back({.id = "t5_cpu"});
  load.memory.emplace();
  if (!flags.offload_model.empty()) {
    load.memory->keep_experts = !read_word("--offload_model", flags.offload_model);
    if (!load.memory->keep_experts) load.optimizations.push_back({.id = "offload_model"});
  }
  if (!flags.device_memory.empty())
    load.memory->usable_bytes =
        wan::memory::usable_bytes(wan::memory::parse_bytes(flags.device_memory, "--device_memory"), flags.device != "cpu");
  return load;
}

wan::GenerationRequest generation_request(const Flags& flags, const wan::ModelInfo& model, const std::optional<double>& guidance) {
  if (flags.task != "auto" && flags.task != model.task)
    throw wan::UsageError(fmt::format("--task {}: the checkpoint in --ckpt_dir is {}", flags.task, model.task));
  wan::GenerationRequest request{.prompt = flags.prompt,
                                 .negative_prompt = flags.negative_prompt,
                                 .frames = flags.frame_num,
                                 .steps = flags.steps,
                                 .shift = flags.shift,
                                 .reference = wan::parse_reference(flags.reference),
                                 .noise_source = flags.noise_source,
                                 .noise_file = flags.noise,
                                 .keep_latents = !flags.save_latents.empty()};
  request.seed = flags.base_seed >= 0 ? static_cast<std::uint64_t>(flags.base_seed) : std::random_device{}() % 2147483648U;
  read_size(flags.size, request);
  request.guidance_low = request.guidance_high = guidance;
  read_guidance(flags.guide_scale, request);
  if (flags.fast_mode) request.guidance_low = request.guidance_high = 1.0;
  if (!flags.solver.empty()) {
    request.solver = wan::parse_solver(flags.solver);
    request.solver_from_checkpoint = false;
  }
  return request;
}

void add_options(CLI::App& app, Flags& f) {
  app.add_option("--ckpt-dir", f.ckpt_dir, "checkpoint folder, official or diffusers layout, or the embedded wan-tiny")
      ->capture_default_str();
  app.add_option(
         "--lora", f.loras,
         "[high:|low:]PATH[:SCALE], repeatable: LoRA merged at load; a file, or a folder with one for each expert (high, low in the names)")
      ->allow_extra_args(false);
  app.add_option("--task", f.task, "auto, or the task that the checkpoint must be for (t2v-A14B, t2v-14B, t2v-1.3B, ti2v-5B)")
      ->capture_default_str();
  app.add_option("-c,--config-file", f.config_file, "TOML file with these settings; flags go over it (suites/schema.md)");
  app.add_option("--prompt", f.prompt, "what the clip shows");
  app.add_option("--negative-prompt", f.negative_prompt, "what it must not show; absent: the reference's default");
  app.add_option("--size", f.size, "W*H in pixels; absent: the model's default");
  app.add_option("--frame-num", f.frame_num, "frames, 4k + 1; absent: the model's default");
  app.add_option("--base-seed", f.base_seed, "seed of the starting noise; negative: random")->capture_default_str();
  app.add_option("--sample-solver", f.solver, "unipc, dpm++ or euler; absent: the checkpoint's");
  app.add_option("--sample-steps", f.steps, "denoising steps; absent: the model's default");
  app.add_option("--sample-shift", f.shift, "timestep shift; absent: the reference's default");
  app.add_option("--sample-guide-scale", f.guide_scale, "guidance: G, or LOW,HIGH for the two experts; absent: the model's default");
  app.add_flag("--fast-mode", f.fast_mode, "guidance 1.0 (with the diffusers reference the unconditional pass is skipped)");
  app.add_option("--reference", f.reference,
                 "official or diffusers: sigma grid, CFG rule, default negative prompt and shift; auto: the layout's own")
      ->capture_default_str();
  app.add_option("--dtype", f.dtype, "float32 (everywhere) or bfloat16 (float32 residual stream)")->capture_default_str();
  app.add_option("--device", f.device, "cpu, cuda or cuda:<index>")->capture_default_str();
  app.add_option(
      "--config", f.config,
      "configurations of the tier files or optimisations, stacked: ID[+ID...]; an optimisation's parameters as ID:name=value,name=value");
  app.add_option("--flags", f.flags_file,
                 "TOML file of `wan-eval rollout`, read at every request: the last flag that is enabled says which optimisations are on");
  app.add_flag("--convert-model-dtype", f.convert_model_dtype, "official flag: the transformer in bfloat16 (what --dtype bfloat16 does)");
  app.add_flag("--t5-cpu", f.t5_cpu, "the text encoder stays on the CPU");
  app.add_option("--offload-model", f.offload_model,
                 "true: one expert on the device at a time; false: both, always; absent: what the memory plan finds");
  app.add_option("--device-memory", f.device_memory, "plan for so much free memory (24GiB, 512MiB) instead of what is free now");
  app.add_flag("--dry-run", f.dry_run, "print the memory plan and stop");
  app.add_option("--prompt-cache", f.prompt_cache, "true: keep prompt embeddings on disk, so that a known prompt needs no text encoder")
      ->capture_default_str();
  app.add_option("--threads", f.threads, "CPU threads; 0: LibTorch's default")->capture_default_str();
  app.add_flag("--strict", f.strict, "an optimisation that cannot run here is an error, not a fallback");
  app.add_option("--noise", f.noise, "safetensors with `noise` [C, T, h, w] F32: the starting latent");
  app.add_option("--noise-source", f.noise_source, "cpu or cuda: whose generator draws the noise")->capture_default_str();
  app.add_option("--save-latents", f.save_latents, "safetensors for the final latents");
  app.add_option("--save-file", f.save_file, "clip: .mp4, .y4m, .safetensors (lossless) or a folder for PNG frames");
}

void save_latents(const wan::Latents& latents, const std::string& path) {
  const wan::io::TensorToWrite tensor{.name = "latents", .shape = latents.shape, .data = std::as_bytes(std::span(latents.values))};
  wan::io::write_safetensors(path, std::span(&tensor, 1));
}

wan::Generator load_model(const wan::LoadRequest& request) {
  wan::cli::ProgressLine line(stderr);
  return wan::Generator(request, [&](std::int64_t done, std::int64_t total) {
    line.show_bytes("loading", done, total);
    return !interrupted.load();
  });
}

wan::GenerationResult generate(wan::Generator& generator, const wan::GenerationRequest& request) {
  wan::cli::ProgressLine line(stderr);
  return generator.generate(request, [&](std::int64_t done, std::int64_t total) {
    line.show_steps("step", done, total);
    return !interrupted.load();
  });
}

int run(const Flags& flags) {
  const auto served = served_flag(flags);
  auto load = load_request(flags, served);
  const auto request = generation_request(flags, wan::inspect_checkpoint(load.checkpoint_dir), served ? served->guidance : std::nullopt);
  load.memory->clip = request;
  if (flags.dry_run) {
    for (const auto& line : wan::plan_memory(load)) fmt::print("{}\n", line);
    return 0;
  }
  wan::Generator generator = load_model(load);
  for (const auto& line : generator.load_report().plan) fmt::print(stderr, "plan: {}\n", line);
  for (const auto& line : generator.load_report().fallbacks) wan::log::warn("fallback: {}", line);
  for (const auto& line : generator.load_report().emulations) wan::log::warn("emulated: {}", line);
  const auto result = generate(generator, request);
  for (const auto& line : result.fallbacks) wan::log::warn("{}", line);
  if (result.clip.nonfinite_values > 0) wan::log::warn("{} values of the decoded clip are NaN or infinite", result.clip.nonfinite_values);
  wan::media::write_clip(result.clip, flags.save_file);
  if (!flags.save_latents.empty()) save_latents(result.latents, flags.save_latents);
  fmt::print(stderr,
             "{}: {} frames of {}x{}, seed {}, {:.2f} s ({} transformer forwards; text {:.2f} s, diffusion {:.2f} s, decode {:.2f} s)\n",
             flags.save_file, result.clip.frames, result.clip.width, result.clip.height, request.seed, result.stages.total_s,
             result.transformer_forwards, result.stages.stage_s("text_encoding"), result.stages.stage_s("diffusion_loop"),
             result.stages.stage_s("vae_decode"));
  for (const auto& stage : result.memory)
    fmt::print(stderr, "memory: {:<14} {} at most, {} predicted\n", stage.stage, wan::memory::print_bytes(stage.measured_bytes),
               wan::memory::print_bytes(stage.predicted_bytes));
  fmt::print(stderr, "memory: {:<14} {}\n", "peak", wan::memory::print_bytes(result.peak_bytes));
  return 0;
}

}  // namespace

// Exit status, or nothing if the flags were read.
static std::optional<int> read_flags(int argc, char** argv, Flags& flags) {
  CLI::App app("wan-generate: text to video with Wan models", "wan-generate");
  app.set_version_flag("--version", std::string(wan::version()) + " (" + wan::git_revision() + ")");
  add_options(app, flags);
  try {
    app.parse(wan::cli::normalized_arguments(argc, argv));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return std::nullopt;
}

int main(int argc, char** argv) {
  Flags flags;
  if (const auto status = read_flags(argc, argv, flags)) return *status;
  std::signal(SIGINT, [](int) { interrupted = true; });
  std::signal(SIGTERM, [](int) { interrupted = true; });
  try {
    if (!flags.config_file.empty()) {
      flags = read_config_file(flags.config_file);
      if (const auto status = read_flags(argc, argv, flags)) return *status;
    }
    if (flags.save_file.empty() && !flags.dry_run)
      throw wan::UsageError("--save_file is missing: name a .mp4, .y4m or .safetensors file, or a folder for PNG frames");
    return run(flags);
  } catch (const wan::Cancelled&) {
    fmt::print(stderr, "interrupted\n");
    return 130;
  } catch (const wan::UsageError& error) {
    wan::log::error("{}", error.what());
    return 2;
  } catch (const std::exception& error) {
    wan::log::error("{}", error.what());
    return 3;
  }
}
