#include "engine/train/initial.h"

#include <cmath>

#include "engine/model/tensor_table.h"
#include "engine/runtime/tensor.h"
#include "engine/vae/tensor_table.h"

namespace wan::train {
namespace {

checkpoint::Weights base(const checkpoint::TensorTable& table, std::uint64_t seed) {
  return checkpoint::random_weights(table, {.dtype = at::kFloat}, seed);
}

}  // namespace

checkpoint::Weights initial_transformer(const model::TransformerConfig& config, std::uint64_t seed) {
  auto weights = base(model::transformer_tensors(config), seed);
  for (auto& [name, tensor] : weights.tensors) {
    if (name.starts_with("head.head.")) tensor.zero_();
    if (name.starts_with("time_embedding.") || name.ends_with(".bias")) tensor.mul_(0.5);
  }
  return weights;
}

checkpoint::Weights initial_text_encoder(const text::Umt5Config& config, std::uint64_t seed) {
  auto weights = base(text::umt5_tensors(config), seed);
  for (auto& [name, tensor] : weights.tensors)
    if (name.ends_with("attn.q.weight")) tensor.div_(std::sqrt(static_cast<double>(config.d_kv)));
  return weights;
}

checkpoint::Weights initial_vae(const vae::VaeConfig& config, std::uint64_t seed) {
  auto weights = base(vae::tensor_table(config), seed);
  for (auto& [name, tensor] : weights.tensors)
    if (name.find(".proj.") != std::string::npos) tensor.zero_();
  return weights;
}

}  // namespace wan::train
