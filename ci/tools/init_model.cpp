// wan-init-model CONFIG_DIR OUT_DIR: a checkpoint folder in the diffusers layout whose configs are CONFIG_DIR's and whose weights come from
// a fixed seed, stored in bfloat16. The embedded model is made so at build time until a trained one is committed.
#include <fmt/core.h>

#include <filesystem>

#include "engine/base/error.h"
#include "engine/io/safetensors.h"
#include "engine/model/tensor_table.h"
#include "engine/pipeline_config.h"
#include "engine/runtime/tensor.h"
#include "engine/vae/tensor_table.h"

namespace {

constexpr std::uint64_t kSeed = 2026;

void write_component(const std::filesystem::path& file, const wan::checkpoint::TensorTable& table, std::uint64_t seed) {
  const auto weights = wan::checkpoint::random_weights(table, {.dtype = at::kBFloat16}, seed);
  std::vector<wan::io::TensorToWrite> tensors;
  std::int64_t parameters = 0;
  for (const auto& spec : table) {
    const at::Tensor& tensor = weights.at(spec.name);
    tensors.push_back({.name = spec.diffusers,
                       .dtype = wan::io::Dtype::bf16,
                       .shape = spec.shape,
                       .data = {static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()}});
    parameters += tensor.numel();
  }
  wan::io::write_safetensors(file, tensors);
  fmt::print("{}: {:.2f} M parameters\n", file.parent_path().filename().string(), static_cast<double>(parameters) / 1e6);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) throw wan::UsageError("usage: wan-init-model CONFIG_DIR OUT_DIR");
  const std::filesystem::path source = argv[1], target = argv[2];
  std::filesystem::create_directories(target);
  std::filesystem::copy(source, target, std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  const auto config = wan::read_pipeline_config(target);
  write_component(target / "text_encoder" / "model.safetensors", wan::text::umt5_tensors(config.text), kSeed);
  write_component(target / "transformer" / "diffusion_pytorch_model.safetensors", wan::model::transformer_tensors(config.transformer),
                  kSeed + 1);
  if (config.boundary)
    write_component(target / "transformer_2" / "diffusion_pytorch_model.safetensors", wan::model::transformer_tensors(config.transformer),
                    kSeed + 2);
  write_component(target / "vae" / "diffusion_pytorch_model.safetensors", wan::vae::tensor_table(config.vae), kSeed + 3);
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 2;
}
