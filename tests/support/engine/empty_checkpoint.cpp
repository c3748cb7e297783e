#include "tests/support/engine/empty_checkpoint.h"

#include <fmt/format.h>

#include <array>
#include <fstream>

#include "engine/model/tensor_table.h"
#include "engine/text/umt5.h"
#include "engine/vae/tensor_table.h"
#include "tests/support/engine/torch_archive.h"

namespace wan::test {
namespace {

namespace fs = std::filesystem;
using checkpoint::Layout;

constexpr const char* kStem = "diffusion_pytorch_model";

vae::VaeConfig wan22_vae() {
  vae::VaeConfig config{.base_dim = 160, .decoder_base_dim = 256, .z_dim = 48};
  config.is_residual = true;
  config.in_channels = config.out_channels = 12;
  config.patch_size = 2;
  return config;
}

std::vector<NamedShape> shapes_of(const checkpoint::TensorTable& table, Layout layout) {
  std::vector<NamedShape> shapes;
  for (const auto& spec : table) shapes.push_back({layout == Layout::official ? spec.name : spec.diffusers, spec.shape});
  return shapes;
}

void write_text(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

void write_weights(const fs::path& folder, const std::string& stem, std::span<const NamedShape> shapes, int shards) {
  fs::create_directories(folder);
  if (shards == 1) return write_empty_safetensors(folder / (stem + ".safetensors"), shapes, io::Dtype::f32);
  std::string map;
  const std::size_t each = (shapes.size() + static_cast<std::size_t>(shards) - 1) / static_cast<std::size_t>(shards);
  for (int i = 0; i < shards; ++i) {
    const auto part = shapes.subspan(0, std::min(each, shapes.size()));
    shapes = shapes.subspan(part.size());
    const std::string file = fmt::format("{}-{:05}-of-{:05}.safetensors", stem, i + 1, shards);
    write_empty_safetensors(folder / file, part, io::Dtype::f32);
    for (const auto& tensor : part) map += fmt::format(R"({}"{}": "{}")", map.empty() ? "" : ", ", tensor.name, file);
  }
  write_text(folder / (stem + ".safetensors.index.json"), fmt::format(R"({{"metadata": {{}}, "weight_map": {{{}}}}})", map));
}

std::string official_config(const ReleasedModel& model) {
  const auto& c = model.transformer;
  return fmt::format(
      R"({{"_class_name": "WanModel", "_diffusers_version": "0.33.0", "dim": {}, "eps": 1e-06, "ffn_dim": {}, "freq_dim": 256,
    "in_dim": {}, "model_type": "{}", "num_heads": {}, "num_layers": {}, "out_dim": {}, "text_len": 512}})",
      c.dim(), c.ffn_dim, c.in_channels, c.in_channels == 48 ? "ti2v" : "t2v", c.heads, c.layers, c.out_channels);
}

void write_official(const fs::path& root, const ReleasedModel& model) {
  const auto transformer = shapes_of(model::transformer_tensors(model.transformer), Layout::official);
  for (const char* expert : model.two_experts ? std::vector{"high_noise_model", "low_noise_model"} : std::vector{"."}) {
    write_weights(root / expert, kStem, transformer, model.shards);
    write_text(root / expert / "config.json", official_config(model));
  }
  write_empty_torch_file(root / "models_t5_umt5-xxl-enc-bf16.pth", shapes_of(text::umt5_tensors({}), Layout::official), io::Dtype::bf16);
  write_empty_torch_file(root / model.vae_file, shapes_of(vae::tensor_table(model.vae), Layout::official), io::Dtype::f32);
  write_text(root / "google/umt5-xxl/spiece.model", "");
}

std::string diffusers_config(const ReleasedModel& model) {
  const auto& c = model.transformer;
  return fmt::format(
      R"({{"_class_name": "WanTransformer3DModel", "added_kv_proj_dim": null, "attention_head_dim": {}, "cross_attn_norm": true,
    "eps": 1e-06, "ffn_dim": {}, "freq_dim": 256, "image_dim": null, "in_channels": {}, "num_attention_heads": {}, "num_layers": {},
    "out_channels": {}, "patch_size": [1, 2, 2], "pos_embed_seq_len": null, "qk_norm": "rms_norm_across_heads", "rope_max_seq_len": 1024,
    "text_dim": 4096}})",
      c.head_dim, c.ffn_dim, c.in_channels, c.heads, c.layers, c.out_channels);
}

std::string vae_config(const vae::VaeConfig& c) {
  const std::vector<double> zeros(static_cast<std::size_t>(c.z_dim), 0), ones(static_cast<std::size_t>(c.z_dim), 1);
  return fmt::format(
      R"({{"_class_name": "AutoencoderKLWan", "attn_scales": [], "base_dim": {}, "decoder_base_dim": {}, "dim_mult": [1, 2, 4, 4],
    "in_channels": {}, "is_residual": {}, "latents_mean": [{}], "latents_std": [{}], "num_res_blocks": 2, "out_channels": {},
    "patch_size": {}, "temperal_downsample": [false, true, true], "z_dim": {}}})",
      c.base_dim, c.decoder_base_dim, c.in_channels, c.is_residual, fmt::join(zeros, ","), fmt::join(ones, ","), c.out_channels,
      c.patch_size, c.z_dim);
}

void write_diffusers(const fs::path& root, const ReleasedModel& model) {
  const auto transformer = shapes_of(model::transformer_tensors(model.transformer), Layout::diffusers);
  for (const char* expert : model.two_experts ? std::vector{"transformer", "transformer_2"} : std::vector{"transformer"}) {
    write_weights(root / expert, kStem, transformer, 2 * model.shards);
    write_text(root / expert / "config.json", diffusers_config(model));
  }
  write_weights(root / "text_encoder", "model", shapes_of(text::umt5_tensors({}), Layout::diffusers), 5);
  write_text(root / "text_encoder/config.json",
             R"({"model_type": "umt5", "vocab_size": 256384, "d_model": 4096, "num_heads": 64, "d_kv": 64,
    "d_ff": 10240, "num_layers": 24, "feed_forward_proj": "gated-gelu", "relative_attention_num_buckets": 32,
    "relative_attention_max_distance": 128, "layer_norm_epsilon": 1e-06})");
  write_weights(root / "vae", kStem, shapes_of(vae::tensor_table(model.vae), Layout::diffusers), 1);
  write_text(root / "vae/config.json", vae_config(model.vae));
  write_text(root / "scheduler/scheduler_config.json", R"({"_class_name": "UniPCMultistepScheduler", "flow_shift": 3.0,
    "use_flow_sigmas": true, "prediction_type": "flow_prediction"})");
  write_text(root / "model_index.json", fmt::format(R"({{"_class_name": "WanPipeline", "boundary_ratio": {},
    "scheduler": ["diffusers", "UniPCMultistepScheduler"], "transformer_2": {}}})",
                                                    model.two_experts ? "0.875" : "null",
                                                    model.two_experts ? R"(["diffusers", "WanTransformer3DModel"])" : "[null, null]"));
  write_text(root / "tokenizer/spiece.model", "");
}

}  // namespace

const ReleasedModel& released_model(const std::string& task) {
  static const std::array<ReleasedModel, 4> kModels = {
      {{.task = "t2v-A14B", .transformer = {}, .vae = {}, .vae_file = "Wan2.1_VAE.pth", .two_experts = true, .shards = 6},
       {.task = "t2v-14B", .transformer = {}, .vae = {}, .vae_file = "Wan2.1_VAE.pth", .shards = 6},
       {.task = "t2v-1.3B", .transformer = {.heads = 12, .ffn_dim = 8960, .layers = 30}, .vae = {}, .vae_file = "Wan2.1_VAE.pth"},
       {.task = "ti2v-5B",
        .transformer = {.heads = 24, .ffn_dim = 14336, .layers = 30, .in_channels = 48, .out_channels = 48},
        .vae = wan22_vae(),
        .vae_file = "Wan2.2_VAE.pth",
        .shards = 3}}};
  return *std::ranges::find_if(kModels, [&](const ReleasedModel& model) { return model.task == task; });
}

void write_empty_checkpoint(const fs::path& root, const ReleasedModel& model, Layout layout) {
  fs::create_directories(root);
  layout == Layout::official ? write_official(root, model) : write_diffusers(root, model);
}

}  // namespace wan::test
