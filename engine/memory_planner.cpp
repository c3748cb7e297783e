#include "engine/memory_planner.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <algorithm>

#include "engine/base/error.h"
#include "engine/model/tensor_table.h"
#include "engine/model/transformer.h"
#include "engine/runtime/tensor.h"
#include "engine/sampling/guidance.h"
#include "engine/text/clean.h"
#include "engine/text/tokenizer.h"
#include "engine/vae/tensor_table.h"
#include "engine/vae/tiles.h"
#include "engine/vae/vae.h"

namespace wan {
namespace {

checkpoint::Weights without_memory(const checkpoint::TensorTable& table, at::ScalarType dtype, bool (*keep_float32)(const std::string&)) {
  checkpoint::Weights weights;
  for (const auto& spec : table)
    weights.tensors[spec.name] =
        at::empty(spec.shape, at::TensorOptions(keep_float32 && keep_float32(spec.name) ? at::kFloat : dtype).device(at::kMeta));
  return weights;
}

// Calls `saved(id, bytes)` for each layer whose weight a filler will store in another size.
std::shared_ptr<const Seams> recording(const Seams& seams, const std::function<void(const LayerId&, std::int64_t)>& saved) {
  auto recorder = std::make_shared<Seams>(seams);
  recorder->pack_linear = [packed_bytes = seams.packed_bytes, saved](Linear& layer) {
    const auto bytes = packed_bytes(layer.id, layer.weight.size(0), layer.weight.size(1));
    if (bytes) saved(layer.id, static_cast<std::int64_t>(layer.weight.nbytes()) - bytes->stored);
  };
  recorder->pack_convolution = [](Convolution&) {};
  return recorder;
}

// What the components' own constructors make of tensors that have a shape and no memory.
memory::WeightBytes weigh(const PipelineConfig& config, at::ScalarType dtype, const Seams& seams) {
  memory::WeightBytes bytes{.block_count = config.transformer.layers, .experts = config.boundary ? 2 : 1};
  bytes.vae = without_memory(vae::tensor_table(config.vae), at::kFloat, nullptr).bytes();
  const auto text = without_memory(text::umt5_tensors(config.text), dtype, nullptr);
  bytes.text = text.bytes();
  text::TextEncoder(config.text, text, recording(seams, [&](const LayerId&, std::int64_t saved) { bytes.text -= saved; }));
  const auto expert = without_memory(model::transformer_tensors(config.transformer), dtype, model::keep_float32);
  std::vector<std::int64_t> blocks(static_cast<std::size_t>(config.transformer.layers));
  for (const auto& [name, tensor] : expert.tensors) {
    const int block = model::block_of(name);
    (block == model::kOutsideBlocks ? bytes.outside_blocks : blocks.at(static_cast<std::size_t>(block))) +=
        static_cast<std::int64_t>(tensor.nbytes());
  }
  const auto saved = [&](const LayerId& id, std::int64_t less) {
    (id.block < 0 ? bytes.outside_blocks : blocks.at(static_cast<std::size_t>(id.block))) -= less;
  };
  model::Transformer(config.transformer, expert, Part::high_noise, recording(seams, saved));
  for (const std::int64_t block : blocks) bytes.blocks += block;
  bytes.block = *std::max_element(blocks.begin(), blocks.end());
  return bytes;
}

}  // namespace

MemoryPlanner::MemoryPlanner(const PipelineConfig& config, const LoadRequest& request, const AppliedConfiguration& applied, bool cuda,
                             std::int64_t free_bytes)
    : config_(config),
      keeps_experts_(request.memory && request.memory->keep_experts),
      arithmetic_{.element_bytes = request.precision == Precision::bfloat16 ? 2 : 4, .cuda = cuda, .threads = at::get_num_threads()},
      weights_(weigh(config, request.precision == Precision::bfloat16 ? at::kBFloat16 : at::kFloat, applied.seams)),
      free_bytes_(free_bytes) {
  const auto scratch = [&](const LayerId& id, std::int64_t rows, std::int64_t columns) {
    const auto packed = applied.seams.packed_bytes(id, rows, columns);
    return packed ? packed->scratch : 0;
  };
  const model::TransformerConfig& t = config.transformer;
  const int middle = static_cast<int>(t.layers / 2);  // a filler may leave out the first block and the last
  arithmetic_.projection_scratch = scratch({.block = middle, .role = Role::self_output}, t.dim(), t.dim());
  arithmetic_.ffn_scratch = scratch({.block = middle, .role = Role::ffn_up}, t.ffn_dim, t.dim());
  arithmetic_.text_scratch = scratch({.part = Part::text, .block = 0, .role = Role::text_ffn}, config.text.d_ff, config.text.d_model);
}

memory::Workload MemoryPlanner::workload(const GenerationRequest& request, const text::Tokenizer& tokenizer) const {
  const auto longest = config_.transformer.text_length;
  memory::Workload workload{.frames = (request.frames - 1) / config_.vae.temporal_factor() + 1,
                            .rows = request.height / config_.vae.spatial_factor(),
                            .columns = request.width / config_.vae.spatial_factor(),
                            .guided = sampling::guidance_is_on(request.reference, *request.guidance_high),
                            .prompt_tokens = longest,
                            .negative_tokens = longest,
                            .solver = request.solver};
  if (request.prompt.empty()) return workload;
  const auto tokens = [&](const std::string& prompt) { return tokenizer.encode(text::clean_prompt(prompt), longest).length; };
  workload.prompt_tokens = tokens(request.prompt);
  workload.negative_tokens = workload.guided ? tokens(*request.negative_prompt) : 0;
  return workload;
}

memory::Job MemoryPlanner::job(const memory::Workload& workload) const {
  return {.weights = weights_,
          .encoding = memory::encoding_bytes(config_.text, std::max(workload.prompt_tokens, workload.negative_tokens), arithmetic_),
          .diffusion = memory::diffusion_bytes(config_.transformer, weights_.experts, workload, arithmetic_),
          .decoding = [this, workload](const vae::Cut& cut) { return memory::decoding(config_.vae, workload, cut, arithmetic_); },
          .latent_frames = workload.frames,
          .latent_side = std::max(workload.rows, workload.columns),
          .tile_margin = vae::tile_margin(config_.vae),
          .device = arithmetic_.cuda};
}

memory::Fixed MemoryPlanner::fixed(const Placement& placement, bool place) const {
  using memory::ExpertPlace;
  using memory::TextPlace;
  memory::Fixed fixed;
  if (placement.text_encoder_on_cpu) fixed.text = TextPlace::host;
  if (placement.offload_experts) fixed.experts = ExpertPlace::one;
  if (placement.block_slots > 0) fixed.experts = ExpertPlace::streamed;
  fixed.block_slots = placement.block_slots;
  if (placement.vae_tile > 0) fixed.tile = placement.vae_tile;
  if (keeps_experts_ && !fixed.experts) fixed.experts = ExpertPlace::all;
  if (placement.unload_text_encoder && !fixed.text) fixed.text = TextPlace::unloaded;
  if (place) return fixed;
  if (!fixed.text) fixed.text = TextPlace::kept;
  if (!fixed.experts) fixed.experts = ExpertPlace::all;
  if (!fixed.tile) fixed.tile = vae::kWholePicture;
  return fixed;
}

memory::Plan MemoryPlanner::plan(const memory::Workload& workload, const Placement& placement, bool place) const {
  const memory::Job job = this->job(workload);
  const memory::Fixed fixed = this->fixed(placement, place);
  const memory::Plan plan = memory::choose(job, fixed, free_bytes_);
  if (!plan.fits()) throw UsageError(memory::refusal(job, fixed, plan));
  return plan;
}

std::vector<memory::StagePeak> MemoryPlanner::predict(const memory::Workload& workload, const memory::Choices& choices,
                                                      bool encodes) const {
  memory::Job job = this->job(workload);
  if (!encodes) job.weights.text = job.encoding = 0;
  return memory::predict(job, choices);
}

std::vector<std::string> MemoryPlanner::describe(const memory::Plan& plan, const memory::Workload& workload) const {
  return memory::describe(job(workload), plan);
}

Placement with_plan(Placement placement, const memory::Plan& plan) {
  const memory::Choices& choices = plan.choices;
  placement.text_encoder_on_cpu = choices.text == memory::TextPlace::host;
  placement.unload_text_encoder = choices.text == memory::TextPlace::unloaded;
  placement.offload_experts = choices.experts == memory::ExpertPlace::one;
  placement.block_slots = choices.block_slots;
  placement.vae_tile = choices.cut.tile;
  return placement;
}

}  // namespace wan
