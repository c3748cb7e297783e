#include "engine/random_checkpoint.h"

#include "engine/checkpoint/write.h"
#include "engine/model/tensor_table.h"
#include "engine/pipeline_config.h"
#include "engine/runtime/tensor.h"
#include "engine/vae/tensor_table.h"

namespace wan {
namespace {

void write_component(const std::filesystem::path& file, const checkpoint::TensorTable& table, std::uint64_t seed) {
  checkpoint::write_weights(file, table, checkpoint::random_weights(table, {.dtype = at::kBFloat16}, seed));
}

}  // namespace

void write_random_weights(const std::filesystem::path& root, std::uint64_t seed) {
  const auto config = read_pipeline_config(root);
  const auto dit = model::transformer_tensors(config.transformer);
  write_component(root / "text_encoder" / "model.safetensors", text::umt5_tensors(config.text), seed);
  write_component(root / "transformer" / "diffusion_pytorch_model.safetensors", dit, seed + 1);
  if (config.boundary) write_component(root / "transformer_2" / "diffusion_pytorch_model.safetensors", dit, seed + 2);
  write_component(root / "vae" / "diffusion_pytorch_model.safetensors", vae::tensor_table(config.vae), seed + 3);
}

}  // namespace wan
