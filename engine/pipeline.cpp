#include "engine/pipeline.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <map>

#include "engine/base/build_info.h"
#include "engine/base/error.h"
#include "engine/memory/bytes.h"
#include "engine/model/tensor_table.h"
#include "engine/runtime/device.h"
#include "engine/runtime/tensor.h"
#include "engine/text/clean.h"
#include "engine/vae/tensor_table.h"
#include "engine/vae/tiles.h"

namespace wan {
namespace {

// All that decides what the text encoder gives for the same ids, to the last bit.
std::string prompt_identity(const PipelineConfig& config, const LoadRequest& request, bool on_host) {
  std::string identity =
      fmt::format("{} {} {} {} threads, build {}", checkpoint_hash(config.files.text_encoder.path), to_string(request.precision),
                  on_host ? "cpu" : request.device, on_host ? at::get_num_threads() : 0, build_id());
  for (const OptimizationChoice& choice : request.optimizations) {
    identity += "\n" + choice.id;
    for (const auto& [name, value] : choice.parameters) identity += fmt::format(" {}={}", name, to_string(value));
  }
  return identity;
}

// Wraps the pack seams so that the sum of weights stays right when a filler stores them in another format.
template <typename Layer>
std::function<void(Layer&)> counted(std::function<void(Layer&)> pack, std::shared_ptr<std::int64_t> bytes) {
  return [pack = std::move(pack), bytes = std::move(bytes)](Layer& layer) {
    const auto before = static_cast<std::int64_t>(layer.weight.nbytes());
    pack(layer);
    const std::int64_t kept = layer.weight.defined() ? static_cast<std::int64_t>(layer.weight.nbytes()) : 0;
    *bytes += kept - before + (layer.packed ? layer.packed->bytes() : 0);
  };
}

// Blocks on the device at a time; 0: all of both experts, always.
std::int64_t block_slots(const Placement& placement, const PipelineConfig& config) {
  if (placement.block_slots > 0) return placement.block_slots;
  // One expert, and a slot in which the next one's first block waits.
  return placement.offload_experts ? std::max<std::int64_t>(config.transformer.layers + (config.boundary ? 1 : 0), 2) : 0;
}

}  // namespace

TargetDevice target_of(const PipelineConfig& config, const LoadRequest& request, bool cuda) {
  return {.kind = cuda ? "cuda" : "cpu",
          .blocks = static_cast<int>(config.transformer.layers),
          .head_dim = config.transformer.head_dim,
          .vae_tile_margin = vae::tile_margin(config.vae),
          .strict = request.strict};
}

Pipeline::Pipeline(const PipelineConfig& config, const LoadRequest& request, const Progress& loading,
                   const std::function<void(AppliedConfiguration&)>& also)
    : config_(config),
      device_(runtime::open_device(request.device)),
      dtype_(request.precision == Precision::bfloat16 ? at::kBFloat16 : at::kFloat),
      applied_(apply_configuration(request.optimizations, target_of(config, request, !device_.is_cpu()))),
      made_bytes_(std::make_shared<std::int64_t>(0)),
      tokenizer_(text::Tokenizer::load(config.files.tokenizer)) {
  if (also) also(applied_);
  make_plan(request);
  if (!request.prompt_cache_dir.empty())
    prompt_cache_.emplace(request.prompt_cache_dir, prompt_identity(config, request, device_.is_cpu() || placement().text_encoder_on_cpu));
  applied_.seams.pack_linear = counted(std::move(applied_.seams.pack_linear), made_bytes_);
  applied_.seams.pack_convolution = counted(std::move(applied_.seams.pack_convolution), made_bytes_);
  seams_ = std::make_shared<const Seams>(std::move(applied_.seams));
  const LoraFiles loras = find_loras(request.loras, config_.boundary.has_value());
  additions_[Part::high_noise] = merged(Part::high_noise, loras);
  if (config_.boundary) additions_[Part::low_noise] = merged(Part::low_noise, loras);
  if (const auto slots = block_slots(placement(), config_); slots > 0) pool_ = std::make_unique<model::BlockPool>(device_, slots);
  find_weights();
  load_all(loading);
}

Pipeline::Tensors Pipeline::find(const checkpoint::Component& component, const checkpoint::TensorTable& table) const {
  return checkpoint::find_tensors(checkpoint::open_component(component, config_.files.layout), table);
}

void Pipeline::find_weights() {
  const auto experts = model::transformer_tensors(config_.transformer);
  text_tensors_ = find(config_.files.text_encoder, text::umt5_tensors(config_.text));
  high_noise_tensors_ = find(config_.files.transformer, experts);
  if (config_.boundary) low_noise_tensors_ = find(config_.files.transformer_2.value(), experts);
  vae_tensors_ = find(config_.files.vae, vae::tensor_table(config_.vae));
}

void Pipeline::load_all(const Progress& loading) {
  std::int64_t done = 0, total = 0;
  for (const auto* tensors : {&text_tensors_, &high_noise_tensors_, &low_noise_tensors_, &vae_tensors_})
    if (tensors != &text_tensors_ || !prompt_cache_)
      for (const auto& tensor : *tensors) total += static_cast<std::int64_t>(tensor.view.data.size());
  on_bytes_read_ = [&](std::int64_t bytes) {
    done += bytes;
    if (loading && !loading(done, total)) throw Cancelled{};
  };
  if (!prompt_cache_) load_text_encoder();  // else it waits for a prompt that is not known
  high_noise_ = load_expert(Part::high_noise);
  if (config_.boundary) low_noise_ = load_expert(Part::low_noise);
  vae();
  on_bytes_read_ = {};  // what is loaded again later is no part of it
}

checkpoint::Additions Pipeline::merged(Part part, const LoraFiles& loras) const {
  using checkpoint::LoraExpert;
  const bool low = part == Part::low_noise;
  return checkpoint::lora_additions(low ? loras.low_noise : loras.high_noise, model::transformer_tensors(config_.transformer),
                                    low                ? LoraExpert::low_noise
                                    : config_.boundary ? LoraExpert::high_noise
                                                       : LoraExpert::only);
}

void Pipeline::make_plan(const LoadRequest& request) {
  const bool cuda = !device_.is_cpu();
  const std::int64_t free = request.memory && request.memory->usable_bytes > 0 ? request.memory->usable_bytes
                                                                               : memory::usable_bytes(runtime::free_bytes(device_), cuda);
  planner_.emplace(config_, request, applied_, cuda, free);
  if (!request.memory) return;
  const memory::Workload workload = planner_->workload(request.memory->clip, tokenizer_);
  const memory::Plan plan = planner_->plan(workload, applied_.placement, /*place=*/true);
  plan_ = planner_->describe(plan, workload);
  applied_.placement = with_plan(applied_.placement, plan);
}

checkpoint::LoadPolicy Pipeline::policy(at::ScalarType dtype, at::Device device) const {
  return {.dtype = dtype, .device = device, .keep_float32 = {}, .additions = {}, .progress = [this](std::int64_t bytes) {
            if (on_bytes_read_) on_bytes_read_(bytes);
          }};
}

std::unique_ptr<model::Transformer> Pipeline::load_expert(Part part) {
  auto how = policy(dtype_, device_);
  how.keep_float32 = model::keep_float32;
  how.additions = additions_[part];
  std::map<int, Tensors> by_block;
  for (const auto& tensor : part == Part::low_noise ? low_noise_tensors_ : high_noise_tensors_)
    by_block[model::block_of(tensor.name)].push_back(tensor);
  return std::make_unique<model::Transformer>(
      config_.transformer, [by_block, how](int block) { return checkpoint::load_tensors(by_block.at(block), how); }, part, seams_,
      pool_ ? pool_->make_store() : model::resident_blocks());
}

void Pipeline::load_text_encoder() {
  if (text_tensors_.empty()) text_tensors_ = find(config_.files.text_encoder, text::umt5_tensors(config_.text));
  const at::Device where = placement().text_encoder_on_cpu ? at::Device(at::kCPU) : device_;
  // Weights that a filler shrinks wait on the host and go over one by one: the device never holds them all as they are stored.
  const bool shrinks = seams_->packed_bytes({.part = Part::text, .role = Role::text_ffn}, 1, 1).has_value();
  const auto weights = checkpoint::load_tensors(text_tensors_, policy(dtype_, shrinks ? at::Device(at::kCPU) : where));
  *made_bytes_ = weights.bytes();
  text_encoder_ = std::make_unique<text::TextEncoder>(config_.text, weights, seams_, where);
  text_encoder_bytes_ = *made_bytes_;
}

PromptStates Pipeline::encode(const std::string& prompt) {
  const auto tokens = tokenizer_.encode(text::clean_prompt(prompt), config_.transformer.text_length);
  const auto ids = std::span(tokens.input_ids).first(static_cast<std::size_t>(tokens.length));
  if (prompt_cache_)
    if (const auto kept = prompt_cache_->find(ids, config_.text.d_model, dtype_))
      return {.states = kept->to(device_), .warning = tokens.warning()};
  if (!text_encoder_) load_text_encoder();
  const at::Tensor states = text_encoder_->encode(ids);
  if (prompt_cache_) prompt_cache_->store(ids, states);
  return {.states = states.to(device_), .warning = tokens.warning()};
}

void Pipeline::release_text_encoder() {
  if (!placement().unload_text_encoder) return;
  text_encoder_.reset();
  text_encoder_bytes_ = 0;
  text_tensors_.clear();  // the mapping goes too, and with it the pages that weights shared with it
}

model::Transformer& Pipeline::expert(Part part) { return part == Part::low_noise ? *low_noise_ : *high_noise_; }

void Pipeline::expect_passes(std::span<const Part> passes) {
  if (!pool_) return;
  std::vector<int> experts;  // by the order in which their stores were made
  for (const Part part : passes) experts.push_back(part == Part::low_noise ? 1 : 0);
  pool_->expect(experts);
}

void Pipeline::release_experts() {
  if (pool_) pool_->release();
}

std::int64_t Pipeline::device_weight_bytes() const {
  std::int64_t bytes = vae_bytes_ + (placement().text_encoder_on_cpu ? 0 : text_encoder_bytes_);
  for (const auto* expert : {high_noise_.get(), low_noise_.get()})
    if (expert) bytes += expert->device_bytes();
  return bytes + (pool_ ? pool_->device_bytes() : 0);
}

std::int64_t Pipeline::host_weight_bytes() const {
  return (placement().text_encoder_on_cpu ? text_encoder_bytes_ : 0) + (pool_ ? pool_->host_bytes() : 0);
}

const vae::Vae& Pipeline::vae() {
  if (!vae_) {
    // float32 whatever the precision of the rest, like the reference: bfloat16 costs more decibels than it saves time.
    const auto weights = checkpoint::load_tensors(vae_tensors_, policy(at::kFloat, device_));
    *made_bytes_ = weights.bytes();
    vae_ = std::make_unique<vae::Vae>(config_.vae, weights, seams_);
    vae_bytes_ = *made_bytes_;
  }
  return *vae_;
}

}  // namespace wan
