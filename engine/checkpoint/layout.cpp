#include "engine/checkpoint/layout.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "engine/base/error.h"
#include "engine/io/torch_file.h"

namespace wan::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStem = "diffusion_pytorch_model";  // of transformers and VAEs, in both layouts
constexpr std::array<const char*, 2> kOfficialVaes = {"Wan2.1_VAE.pth", "Wan2.2_VAE.pth"};

bool has_weights(const fs::path& folder, const std::string& stem) {
  return fs::exists(folder / (stem + ".safetensors")) || fs::exists(folder / (stem + ".safetensors.index.json"));
}

bool looks_official(const fs::path& root) {
  return has_weights(root, kStem) || fs::is_directory(root / "high_noise_model") || fs::is_directory(root / "low_noise_model");
}

CheckpointFiles diffusers_files(const fs::path& root) {
  CheckpointFiles files{.root = root,
                        .layout = Layout::diffusers,
                        .transformer = {.path = root / "transformer", .stem = kStem},
                        .text_encoder = {.path = root / "text_encoder", .stem = "model"},
                        .vae = {.path = root / "vae", .stem = kStem},
                        .tokenizer = root / "tokenizer"};
  if (fs::is_directory(root / "transformer_2")) files.transformer_2 = {.path = root / "transformer_2", .stem = kStem};
  return files;
}

CheckpointFiles official_files(const fs::path& root) {
  CheckpointFiles files{.root = root,
                        .layout = Layout::official,
                        .transformer = {.path = root, .stem = kStem},
                        .text_encoder = {.path = root / "models_t5_umt5-xxl-enc-bf16.pth"},
                        .vae = {},
                        .tokenizer = root / "google" / "umt5-xxl"};
  std::vector<std::string> missing;
  if (!has_weights(root, kStem)) {
    files.transformer.path = root / "high_noise_model";
    files.transformer_2 = {.path = root / "low_noise_model", .stem = kStem};
    for (const auto& folder : {files.transformer.path, files.transformer_2->path})
      if (!has_weights(folder, kStem))
        missing.push_back(fmt::format("{}/{}.safetensors, or its shards", folder.filename().string(), kStem));
  }
  if (!fs::exists(files.text_encoder.path)) missing.push_back(files.text_encoder.path.filename().string());
  if (!fs::is_directory(files.tokenizer)) missing.push_back("google/umt5-xxl/");
  for (const char* name : kOfficialVaes) {
    if (!fs::exists(root / name)) continue;
    if (!files.vae.path.empty())
      throw UsageError(fmt::format("{}: holds {} and {}; keep the one that belongs to the transformer", root.string(), kOfficialVaes[0],
                                   kOfficialVaes[1]));
    files.vae.path = root / name;
  }
  if (files.vae.path.empty()) missing.push_back(fmt::format("{} or {}", kOfficialVaes[0], kOfficialVaes[1]));
  if (!missing.empty())
    throw UsageError(
        fmt::format("{}: a checkpoint in the official layout, but it misses:\n  {}", root.string(), fmt::join(missing, "\n  ")));
  return files;
}

}  // namespace

CheckpointFiles find_checkpoint(const fs::path& root) {
  if (!fs::is_directory(root)) throw UsageError(fmt::format("{}: is not a folder", root.string()));
  if (fs::exists(root / "model_index.json")) return diffusers_files(root);
  if (looks_official(root)) return official_files(root);
  throw UsageError(
      fmt::format("{}: holds no Wan checkpoint; expected the diffusers layout (model_index.json, transformer/, vae/, text_encoder/, "
                  "tokenizer/, scheduler/) or the official one ({}*.safetensors or high_noise_model/ and low_noise_model/, {} or {}, "
                  "models_t5_umt5-xxl-enc-bf16.pth, google/umt5-xxl/)",
                  root.string(), kStem, kOfficialVaes[0], kOfficialVaes[1]));
}

Source open_component(const Component& component, Layout layout) {
  if (!component.stem.empty()) return open_safetensors(component.path, component.stem, layout);
  return {.place = component.path.string(), .layout = layout, .tensors = io::read_torch_file(component.path)};
}

const char* to_string(Layout layout) { return layout == Layout::official ? "official" : "diffusers"; }

}  // namespace wan::checkpoint
