#include "engine/generator.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/randn.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <chrono>
#include <cstring>

#include "engine/base/error.h"
#include "engine/denoise.h"
#include "engine/io/safetensors.h"
#include "engine/memory/bytes.h"
#include "engine/pipeline.h"
#include "engine/runtime/device.h"
#include "engine/runtime/generator.h"
#include "engine/runtime/memory_meter.h"
#include "engine/runtime/nvtx.h"
#include "engine/runtime/tensor.h"
#include "engine/sampling/guidance.h"
#include "engine/text/default_prompt.h"
#include "engine/trajectory.h"
#include "engine/vae/clip.h"

namespace wan {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// The request with every default filled in, checked against the model.
GenerationRequest resolve(GenerationRequest request, const PipelineConfig& config) {
  const ModelInfo& info = config.info;
  if (request.width == 0) request.width = info.default_width;
  if (request.height == 0) request.height = info.default_height;
  if (request.frames == 0) request.frames = info.default_frames;
  if (request.steps == 0) request.steps = info.default_steps;
  if (request.reference == Reference::automatic)  // the layout's own
    request.reference = config.files.layout == checkpoint::Layout::official ? Reference::official : Reference::diffusers;
  if (request.solver_from_checkpoint) request.solver = config.scheduler.solver;
  if (request.shift == 0) request.shift = request.reference == Reference::diffusers ? config.scheduler.shift : info.default_shift;
  if (!request.guidance_low) request.guidance_low = info.default_guidance_low;
  if (!request.guidance_high) request.guidance_high = info.default_guidance_high;
  if (!request.negative_prompt || (request.reference == Reference::official && request.negative_prompt->empty()))
    request.negative_prompt = request.reference == Reference::official ? std::string(text::kDefaultNegativePrompt) : std::string();

  const auto multiple = info.size_multiple;
  for (const auto& [name, value] : {std::pair{"width", request.width}, std::pair{"height", request.height}})
    if (value < multiple || value % multiple != 0)
      throw UsageError(fmt::format("{} {} does not divide by {}, what patch and VAE need; the nearest are {} and {}", name, value, multiple,
                                   std::max(multiple, value / multiple * multiple), (value / multiple + 1) * multiple));
  const auto temporal = config.vae.temporal_factor();
  if (request.frames < 1 || (request.frames - 1) % temporal != 0)
    throw UsageError(fmt::format("frame_num {} is not {}k + 1; the nearest are {} and {}", request.frames, temporal,
                                 std::max<std::int64_t>(1, (request.frames - 1) / temporal * temporal + 1),
                                 ((request.frames - 1) / temporal + 1) * temporal + 1));
  if (request.noise_source != "cpu" && request.noise_source != "cuda")
    throw UsageError(fmt::format("noise_source '{}' is not known; use cpu or cuda", request.noise_source));
  return request;
}

// The checkpoint's scheduler config speaks for its own solver under its own reference; a solver that the user chose has the defaults.
sampling::SolverOptions solver_options(const GenerationRequest& request, const PipelineConfig& config) {
  const bool own = request.reference == Reference::diffusers && request.solver == config.scheduler.solver;
  return own ? config.scheduler.options : sampling::SolverOptions{};
}

// Without prompts and noise.
DenoiseRequest denoise_request(const GenerationRequest& wanted, const PipelineConfig& config) {
  const auto options = solver_options(wanted, config);
  return {.noise = {},
          .positive = {},
          .negative = {},
          .guidance_low = *wanted.guidance_low,
          .guidance_high = *wanted.guidance_high,
          .solver = wanted.solver,
          .solver_options = options,
          .schedule = sampling::make_schedule(wanted.solver, wanted.reference, wanted.steps, wanted.shift, options)};
}

// [C, T, h, w]
std::vector<std::int64_t> latent_shape(const GenerationRequest& request, const PipelineConfig& config) {
  const auto spatial = config.vae.spatial_factor();
  return {config.vae.z_dim, (request.frames - 1) / config.vae.temporal_factor() + 1, request.height / spatial, request.width / spatial};
}

// The starting latent [1, C, T, h, w] on the host.
at::Tensor starting_noise(const GenerationRequest& request, const PipelineConfig& config, at::Device device) {
  const std::vector<std::int64_t> shape = latent_shape(request, config);
  if (!request.noise_file.empty()) {
    const auto file = io::SafetensorsFile::open(request.noise_file);
    const auto& view = file.at("noise");
    if (view.dtype != io::Dtype::f32 || view.shape != shape)
      throw UsageError(fmt::format("{}: `noise` must be F32 [{}], found {} [{}]", request.noise_file, fmt::join(shape, ", "),
                                   io::to_string(view.dtype), fmt::join(view.shape, ", ")));
    at::Tensor noise = at::empty(shape, at::TensorOptions(at::kFloat));
    std::memcpy(noise.mutable_data_ptr<float>(), view.data.data(), view.data.size());
    return noise.unsqueeze(0);
  }
  const at::Device source = request.noise_source == "cuda" ? device : at::Device(at::kCPU);
  if (request.noise_source == "cuda" && device.is_cpu())
    throw UsageError("noise_source cuda needs a CUDA device; a CPU draws other numbers from the same seed");
  return at::randn(shape, runtime::seeded_generator(source, request.seed), at::TensorOptions(at::kFloat).device(source)).unsqueeze(0);
}

Latents to_values(const at::Tensor& latents) {
  const at::Tensor host = latents.squeeze(0).to(at::kCPU, at::kFloat).contiguous();
  const float* values = host.const_data_ptr<float>();
  return {.shape = host.sizes().vec(), .values = std::vector<float>(values, values + host.numel())};
}

}  // namespace

struct Generator::Impl {
  Impl(const LoadRequest& load, const Progress& loading) : request(load), config(read_pipeline_config(load.checkpoint_dir)) {
    const auto start = Clock::now();
    if (request.memory) request.memory->clip = resolve(request.memory->clip, config);
    runtime::keep_freed_memory();
    const c10::InferenceMode inference;
    const runtime::ProcessFlags flags({.threads = load.threads});
    const runtime::MemoryMeter::Scope metered(meter);
    pipeline = std::make_unique<Pipeline>(config, request, loading);
    runtime::synchronize(pipeline->device());
    report.load_s = seconds_since(start);
    report.weight_bytes = pipeline->device_weight_bytes();
    report.host_weight_bytes = pipeline->host_weight_bytes();
    report.weights_hash = hash_with_loras(checkpoint_hash(config.files.root), find_loras(load.loras, config.boundary.has_value()));
    report.fallbacks = pipeline->fallbacks();
    report.emulations = pipeline->emulations();
    report.plan = pipeline->plan();
  }
  ~Impl() {
    const runtime::MemoryMeter::Scope metered(meter);  // what goes now was counted when it came
    pipeline.reset();
  }

  GenerationResult generate(const GenerationRequest& given, const Progress& progress);
  ReplayResult replay(const GenerationRequest& given, const std::string& trajectory_file, const Progress& progress);
  // False: all prompts were known, and no text encoder is loaded.
  bool encode_prompts(const GenerationRequest& wanted, DenoiseRequest& denoising, std::vector<std::string>& fallbacks);
  std::int64_t peak_bytes() const { return pipeline->device().is_cpu() ? meter.peak_bytes() : runtime::peak_bytes(pipeline->device()); }
  void reset_peak() { pipeline->device().is_cpu() ? meter.reset_peak() : runtime::reset_peak_bytes(pipeline->device()); }

  LoadRequest request;
  PipelineConfig config;
  runtime::MemoryMeter meter;  // of the host's tensors
  std::unique_ptr<Pipeline> pipeline;
  LoadReport report;
};

bool Generator::Impl::encode_prompts(const GenerationRequest& wanted, DenoiseRequest& denoising, std::vector<std::string>& fallbacks) {
  const NvtxRange range("text_encoding");
  denoising.positive = pipeline->encode(wanted.prompt);
  if (sampling::guidance_is_on(wanted.reference, *wanted.guidance_high)) denoising.negative = pipeline->encode(*wanted.negative_prompt);
  const bool encoded = pipeline->has_text_encoder();
  pipeline->release_text_encoder();
  for (const auto* prompt : {&denoising.positive, &denoising.negative})
    if (!prompt->warning.empty()) fallbacks.push_back(prompt->warning);
  return encoded;
}

GenerationResult Generator::Impl::generate(const GenerationRequest& given, const Progress& progress) {
  const GenerationRequest wanted = resolve(given, config);
  const c10::InferenceMode inference;
  const runtime::ProcessFlags flags({.threads = request.threads, .allow_tf32 = pipeline->placement().allow_tf32});
  const at::Device device = pipeline->device();
  const runtime::MemoryMeter::Scope metered(meter);
  GenerationResult result;
  memory::Workload workload = pipeline->planner().workload(wanted, pipeline->tokenizer());
  const memory::Choices choices = pipeline->planner().plan(workload, pipeline->placement(), /*place=*/false).choices;
  reset_peak();
  const auto start = Clock::now();
  auto stage_start = start;
  const auto end_stage = [&](const char* name) {
    runtime::synchronize(device);
    result.stages.stages.push_back({.name = name, .elapsed_s = seconds_since(stage_start)});
    result.memory.push_back({.stage = name, .measured_bytes = peak_bytes()});
    reset_peak();
    stage_start = Clock::now();
  };

  DenoiseRequest denoising = denoise_request(wanted, config);
  const bool encoded = encode_prompts(wanted, denoising, result.fallbacks);
  end_stage("text_encoding");
  std::optional<TrajectoryRecorder> recorder;
  if (!wanted.trajectory_file.empty()) {
    recorder.emplace(denoising.schedule.timesteps);
    denoising.observe = [&](const StepView& view) { recorder->see(view); };
  }
  DenoiseResult denoised;
  {
    const NvtxRange range("diffusion_loop");
    denoising.noise = starting_noise(wanted, config, device).to(device);
    denoised = denoise(*pipeline, denoising, progress);
    end_stage("diffusion_loop");
  }
  {
    const NvtxRange range("vae_decode");
    vae::ClipAssembler clip(wanted.frames, wanted.height, wanted.width, config.info.frames_per_second);
    pipeline->vae().decode(denoised.latents, choices.cut, [&](const vae::Piece& piece) { clip.add(piece); });
    result.clip = clip.take();
    end_stage("vae_decode");
  }
  result.stages.total_s = seconds_since(start);
  result.stages.step_s = std::move(denoised.step_s);
  result.stages.high_noise_steps = denoised.high_noise_steps;
  result.transformer_forwards = denoised.forwards;
  result.fallbacks.insert(result.fallbacks.end(), denoised.fallbacks.begin(), denoised.fallbacks.end());
  result.nonfinite_latents = denoised.latents.numel() - denoised.latents.isfinite().sum().item<std::int64_t>();
  if (wanted.keep_latents) result.latents = to_values(denoised.latents);
  workload.prompt_tokens = denoising.positive.states.size(1);
  workload.negative_tokens = denoising.negative.states.defined() ? denoising.negative.states.size(1) : 0;
  const auto predicted = pipeline->planner().predict(workload, choices, encoded);
  for (std::size_t i = 0; i < result.memory.size(); ++i) {
    result.memory[i].predicted_bytes = predicted.at(i).bytes();
    result.peak_bytes = std::max(result.peak_bytes, result.memory[i].measured_bytes);
  }
  if (recorder) try {
      recorder->write(wanted.trajectory_file);
    } catch (const UsageError& error) {  // a full disk must not cost the clip
      result.fallbacks.push_back(fmt::format("the trajectory was not kept: {}", error.what()));
    }
  return result;
}

ReplayResult Generator::Impl::replay(const GenerationRequest& given, const std::string& trajectory_file, const Progress& progress) {
  const GenerationRequest wanted = resolve(given, config);
  const c10::InferenceMode inference;
  const runtime::ProcessFlags flags({.threads = request.threads, .allow_tf32 = pipeline->placement().allow_tf32});
  const at::Device device = pipeline->device();
  const Trajectory trajectory = Trajectory::read(trajectory_file);
  DenoiseRequest denoising = denoise_request(wanted, config);
  const std::vector<std::int64_t> shape = latent_shape(wanted, config);
  if (trajectory.timesteps != denoising.schedule.timesteps || trajectory.latents.sizes().slice(1) != at::IntArrayRef(shape))
    throw UsageError(fmt::format("{}: a trajectory of {} steps of [{}] is on record, the request has {} steps of [{}]{}", trajectory_file,
                                 trajectory.timesteps.size(), fmt::join(trajectory.latents.sizes().slice(1), ", "), wanted.steps,
                                 fmt::join(shape, ", "),
                                 trajectory.timesteps.size() == denoising.schedule.timesteps.size() ? " or other timesteps" : ""));
  ReplayResult result;
  encode_prompts(wanted, denoising, result.fallbacks);
  VelocityComparison comparison(trajectory);
  denoising.observe = [&](const StepView& view) { comparison.see(view); };
  denoising.latents_at = [&](std::int64_t step) { return trajectory.latents.narrow(0, step, 1).to(device); };
  denoising.noise = denoising.latents_at(0);
  DenoiseResult denoised = denoise(*pipeline, denoising, progress);
  result.steps = comparison.errors();
  result.transformer_forwards = denoised.forwards;
  result.fallbacks.insert(result.fallbacks.end(), denoised.fallbacks.begin(), denoised.fallbacks.end());
  return result;
}

std::vector<std::string> plan_memory(const LoadRequest& request) {
  WAN_CHECK(request.memory.has_value(), "a plan needs to know what it is for");
  const PipelineConfig config = read_pipeline_config(request.checkpoint_dir);
  const bool cuda = request.device != "cpu", elsewhere = request.memory->usable_bytes > 0;
  const runtime::ProcessFlags flags({.threads = request.threads});
  const std::int64_t usable =
      elsewhere ? request.memory->usable_bytes : memory::usable_bytes(runtime::free_bytes(runtime::open_device(request.device)), cuda);
  TargetDevice target = target_of(config, request, cuda);
  target.here = !elsewhere;
  const AppliedConfiguration applied = apply_configuration(request.optimizations, target);
  const MemoryPlanner planner(config, request, applied, cuda, usable);
  const memory::Workload workload = planner.workload(resolve(request.memory->clip, config), text::Tokenizer::load(config.files.tokenizer));
  return planner.describe(planner.plan(workload, applied.placement, /*place=*/true), workload);
}

Generator::Generator(const LoadRequest& request, const Progress& loading) : impl_(std::make_unique<Impl>(request, loading)) {}
Generator::~Generator() = default;
Generator::Generator(Generator&&) noexcept = default;
Generator& Generator::operator=(Generator&&) noexcept = default;
const LoadReport& Generator::load_report() const { return impl_->report; }
const ModelInfo& Generator::model_info() const { return impl_->config.info; }
GenerationResult Generator::generate(const GenerationRequest& request, const Progress& progress) {
  return impl_->generate(request, progress);
}

ReplayResult Generator::replay(const GenerationRequest& request, const std::string& trajectory_file, const Progress& progress) {
  return impl_->replay(request, trajectory_file, progress);
}

}  // namespace wan
