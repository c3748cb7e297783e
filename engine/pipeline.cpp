#include "engine/pipeline.h"

#include "engine/base/error.h"
#include "engine/model/tensor_table.h"
#include "engine/runtime/device.h"
#include "engine/runtime/tensor.h"
#include "engine/text/clean.h"
#include "engine/vae/tensor_table.h"

namespace wan {
namespace {

constexpr std::int64_t kTextLength = 512;

TargetDevice target_of(const PipelineConfig& config, const LoadRequest& request, at::Device device) {
  return {.kind = device.is_cpu() ? "cpu" : "cuda",
          .blocks = static_cast<int>(config.transformer.layers),
          .head_dim = config.transformer.head_dim,
          .strict = request.strict};
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

}  // namespace

Pipeline::Pipeline(const PipelineConfig& config, const LoadRequest& request, const std::function<void(Seams&)>& also)
    : config_(config),
      device_(runtime::open_device(request.device)),
      dtype_(request.precision == Precision::bfloat16 ? at::kBFloat16 : at::kFloat),
      applied_(apply_configuration(request.optimizations, target_of(config, request, device_))),
      weight_bytes_(std::make_shared<std::int64_t>(0)),
      tokenizer_(text::Tokenizer::load(config.files.tokenizer)) {
  if (also) also(applied_.seams);
  applied_.seams.pack_linear = counted(std::move(applied_.seams.pack_linear), weight_bytes_);
  applied_.seams.pack_convolution = counted(std::move(applied_.seams.pack_convolution), weight_bytes_);
  seams_ = std::make_shared<const Seams>(std::move(applied_.seams));
  const LoraFiles loras = find_loras(request.loras, config_.boundary.has_value());
  additions_[Part::high_noise] = merged(Part::high_noise, loras);
  if (config_.boundary) additions_[Part::low_noise] = merged(Part::low_noise, loras);
  load_text_encoder();
  high_noise_ = load_expert(Part::high_noise);
  if (config_.boundary && !placement().offload_experts) low_noise_ = load_expert(Part::low_noise);
  vae();
}

checkpoint::Additions Pipeline::merged(Part part, const LoraFiles& loras) const {
  using checkpoint::LoraExpert;
  const bool low = part == Part::low_noise;
  return checkpoint::lora_additions(low ? loras.low_noise : loras.high_noise, model::transformer_tensors(config_.transformer),
                                    low                ? LoraExpert::low_noise
                                    : config_.boundary ? LoraExpert::high_noise
                                                       : LoraExpert::only);
}

checkpoint::LoadPolicy Pipeline::policy(at::ScalarType dtype, at::Device device) const {
  return {.dtype = dtype, .device = device, .keep_float32 = {}, .convert_on_device = placement().direct_load, .additions = {}};
}

std::unique_ptr<model::Transformer> Pipeline::load_expert(Part part) {
  auto how = policy(dtype_, device_);
  how.keep_float32 = model::keep_float32;
  how.additions = additions_[part];
  const auto source = checkpoint::open_component(part == Part::low_noise ? config_.files.transformer_2.value() : config_.files.transformer,
                                                 config_.files.layout);
  const auto weights = checkpoint::load_weights(source, model::transformer_tensors(config_.transformer), how);
  account(weights);
  return std::make_unique<model::Transformer>(config_.transformer, weights, part, seams_);
}

void Pipeline::load_text_encoder() {
  const at::Device where = placement().text_encoder_on_cpu ? at::Device(at::kCPU) : device_;
  const auto source = checkpoint::open_component(config_.files.text_encoder, config_.files.layout);
  const auto weights = checkpoint::load_weights(source, text::umt5_tensors(config_.text), policy(dtype_, where));
  account(weights);
  text_encoder_ = std::make_unique<text::TextEncoder>(config_.text, weights, seams_);
}

PromptStates Pipeline::encode(const std::string& prompt) {
  if (!text_encoder_) load_text_encoder();
  const auto tokens = tokenizer_.encode(text::clean_prompt(prompt), kTextLength);
  return {.states = text_encoder_->encode(std::span(tokens.input_ids).first(static_cast<std::size_t>(tokens.length))).to(device_),
          .warning = tokens.warning()};
}

void Pipeline::release_text_encoder() {
  if (placement().unload_text_encoder) text_encoder_.reset();
}

model::Transformer& Pipeline::expert(Part part) {
  auto& wanted = part == Part::low_noise ? low_noise_ : high_noise_;
  if (wanted) return *wanted;
  if (placement().offload_experts) (part == Part::low_noise ? high_noise_ : low_noise_).reset();
  wanted = load_expert(part);
  return *wanted;
}

const vae::Vae& Pipeline::vae() {
  if (!vae_) {
    // float32 whatever the precision of the rest, like the reference: bfloat16 costs more decibels than it saves time.
    const auto source = checkpoint::open_component(config_.files.vae, config_.files.layout);
    const auto weights = checkpoint::load_weights(source, vae::tensor_table(config_.vae), policy(at::kFloat, device_));
    account(weights);
    vae_ = std::make_unique<vae::Vae>(config_.vae, weights, seams_);
  }
  return *vae_;
}

}  // namespace wan
