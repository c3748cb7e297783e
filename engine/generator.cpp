#include "engine/generator.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/randn.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <chrono>
#include <cstring>

#include "engine/base/error.h"
#include "engine/base/sha256.h"
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

std::int64_t count_nonfinite(const at::Tensor& latents) { return latents.numel() - latents.isfinite().sum().item<std::int64_t>(); }

std::string hash_of(const at::Tensor& latents) {
  const std::vector<float> values = to_values(latents).values;
  return sha256_hex({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
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
  TimedSteps time_steps(const GenerationRequest& given, std::int64_t steps_an_expert, const Progress& progress);
  ReplayResult replay(const GenerationRequest& given, const std::string& trajectory_file, const Progress& progress);

  class StageNotes;
  struct Prepared;
  Prepared prepare(const GenerationRequest& given);
  DenoiseResult encode_and_denoise(Prepared& request, StageNotes& notes, std::vector<std::string>& fallbacks, const Progress& progress);
  std::int64_t add_predictions(Prepared& request, std::vector<StageMemory>& memory);
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

// Notes each stage as it ends: its time, and the most that it held.
class Generator::Impl::StageNotes {
 public:
  StageNotes(Impl& impl, StageTimes& times, std::vector<StageMemory>& memory) : impl_(impl), times_(times), memory_(memory) {
    impl_.reset_peak();
    start_ = stage_start_ = Clock::now();
  }
  void end(const char* name) {
    runtime::synchronize(impl_.pipeline->device());
    times_.stages.push_back({.name = name, .elapsed_s = seconds_since(stage_start_)});
    memory_.push_back({.stage = name, .measured_bytes = impl_.peak_bytes()});
    impl_.reset_peak();
    stage_start_ = Clock::now();
  }
  // After the last stage.
  void end_request(DenoiseResult& denoised) {
    times_.total_s = seconds_since(start_);
    times_.step_s = std::move(denoised.step_s);
    times_.high_noise_steps = denoised.high_noise_steps;
  }

 private:
  Impl& impl_;
  StageTimes& times_;
  std::vector<StageMemory>& memory_;
  Clock::time_point start_, stage_start_;
};

// A request on its way: what it wants with every default filled in, and what its stages are planned to hold.
struct Generator::Impl::Prepared {
  GenerationRequest wanted;
  memory::Workload workload;
  memory::Choices choices;
  DenoiseRequest denoising;
  bool encoded = false;
};

Generator::Impl::Prepared Generator::Impl::prepare(const GenerationRequest& given) {
  Prepared prepared{.wanted = resolve(given, config), .workload = {}, .choices = {}, .denoising = {}};
  prepared.workload = pipeline->planner().workload(prepared.wanted, pipeline->tokenizer());
  prepared.choices = pipeline->planner().plan(prepared.workload, pipeline->placement(), /*place=*/false).choices;
  prepared.denoising = denoise_request(prepared.wanted, config);
  return prepared;
}

DenoiseResult Generator::Impl::encode_and_denoise(Prepared& request, StageNotes& notes, std::vector<std::string>& fallbacks,
                                                  const Progress& progress) {
  request.encoded = encode_prompts(request.wanted, request.denoising, fallbacks);
  notes.end("text_encoding");
  const NvtxRange range("diffusion_loop");
  const at::Device device = pipeline->device();
  request.denoising.noise = starting_noise(request.wanted, config, device).to(device);
  DenoiseResult denoised = denoise(*pipeline, request.denoising, progress);
  notes.end("diffusion_loop");
  fallbacks.insert(fallbacks.end(), denoised.fallbacks.begin(), denoised.fallbacks.end());
  return denoised;
}

// Into the measured stages what was predicted of them. Returns the largest measured one.
std::int64_t Generator::Impl::add_predictions(Prepared& request, std::vector<StageMemory>& memory) {
  const at::Tensor &positive = request.denoising.positive.states, &negative = request.denoising.negative.states;
  request.workload.prompt_tokens = positive.size(1);
  request.workload.negative_tokens = negative.defined() ? negative.size(1) : 0;
  const auto predicted = pipeline->planner().predict(request.workload, request.choices, request.encoded);
  std::int64_t peak = 0;
  for (std::size_t i = 0; i < memory.size(); ++i) {
    memory[i].predicted_bytes = predicted.at(i).bytes();
    peak = std::max(peak, memory[i].measured_bytes);
  }
  return peak;
}

GenerationResult Generator::Impl::generate(const GenerationRequest& given, const Progress& progress) {
  const c10::InferenceMode inference;
  const runtime::ProcessFlags flags({.threads = request.threads, .allow_tf32 = pipeline->placement().allow_tf32});
  const runtime::MemoryMeter::Scope metered(meter);
  GenerationResult result;
  Prepared prepared = prepare(given);
  const GenerationRequest& wanted = prepared.wanted;
  StageNotes notes(*this, result.stages, result.memory);
  std::optional<TrajectoryRecorder> recorder;
  if (!wanted.trajectory_file.empty()) {
    recorder.emplace(prepared.denoising.schedule.timesteps);
    prepared.denoising.observe = [&](const StepView& view) { recorder->see(view); };
  }
  DenoiseResult denoised = encode_and_denoise(prepared, notes, result.fallbacks, progress);
  {
    const NvtxRange range("vae_decode");
    vae::ClipAssembler clip(wanted.frames, wanted.height, wanted.width, config.info.frames_per_second);
    pipeline->vae().decode(denoised.latents, prepared.choices.cut, [&](const vae::Piece& piece) { clip.add(piece); });
    result.clip = clip.take();
    notes.end("vae_decode");
  }
  notes.end_request(denoised);
  result.transformer_forwards = denoised.forwards;
  result.nonfinite_latents = count_nonfinite(denoised.latents);
  if (wanted.keep_latents) result.latents = to_values(denoised.latents);
  result.peak_bytes = add_predictions(prepared, result.memory);
  if (recorder) try {
      recorder->write(wanted.trajectory_file);
    } catch (const UsageError& error) {  // a full disk must not cost the clip
      result.fallbacks.push_back(fmt::format("the trajectory was not kept: {}", error.what()));
    }
  return result;
}

TimedSteps Generator::Impl::time_steps(const GenerationRequest& given, std::int64_t steps_an_expert, const Progress& progress) {
  if (steps_an_expert < 1) throw UsageError(fmt::format("at least one step of an expert can be timed, not {}", steps_an_expert));
  const c10::InferenceMode inference;
  const runtime::ProcessFlags flags({.threads = request.threads, .allow_tf32 = pipeline->placement().allow_tf32});
  const runtime::MemoryMeter::Scope metered(meter);
  TimedSteps result;
  Prepared prepared = prepare(given);
  const std::int64_t steps = std::ssize(prepared.denoising.schedule.timesteps);
  result.clip_high_noise_steps = high_noise_steps(config, prepared.denoising.schedule);
  result.clip_low_noise_steps = steps - result.clip_high_noise_steps;
  for (std::int64_t step = 0; step < steps; ++step) {
    const std::int64_t first = step < result.clip_high_noise_steps ? 0 : result.clip_high_noise_steps;  // of the same expert
    if (step - first < steps_an_expert) prepared.denoising.steps.push_back(step);
  }
  StageNotes notes(*this, result.stages, result.memory);
  DenoiseResult denoised = encode_and_denoise(prepared, notes, result.fallbacks, progress);
  notes.end_request(denoised);
  result.transformer_forwards = denoised.forwards;
  result.nonfinite_latents = count_nonfinite(denoised.latents);
  result.latents_hash = hash_of(denoised.latents);
  result.peak_bytes = add_predictions(prepared, result.memory);
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

TimedSteps Generator::time_steps(const GenerationRequest& request, std::int64_t steps_an_expert, const Progress& progress) {
  return impl_->time_steps(request, steps_an_expert, progress);
}

ReplayResult Generator::replay(const GenerationRequest& request, const std::string& trajectory_file, const Progress& progress) {
  return impl_->replay(request, trajectory_file, progress);
}

}  // namespace wan
