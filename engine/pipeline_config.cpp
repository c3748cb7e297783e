#include "engine/pipeline_config.h"

#include <algorithm>
#include <array>
#include <vector>

#include "engine/base/error.h"
#include "engine/generator.h"
#include "engine/io/json.h"
#include "engine/io/mapped_file.h"
#include "engine/model/known_models.h"

namespace wan {
namespace {

model::TransformerConfig read_expert(const checkpoint::CheckpointFiles& files, const checkpoint::Component& expert) {
  if (files.layout == checkpoint::Layout::diffusers) return model::read_transformer_config(expert.path);
  return model::read_official_transformer_config(expert.path, checkpoint::open_component(expert, files.layout));
}

// A component that model_index.json names, as [library, class]; null where it is left out.
std::string component_class(const io::JsonValue& index, const char* name) {
  if (!index.has(name)) return {};
  const auto entry = index.at(name).at(std::size_t{1});
  return entry.is_null() ? std::string() : entry.as_string();
}

void fill_defaults(PipelineConfig& config) {
  const bool two_experts = config.boundary.has_value();
  const model::KnownModel& nearest = model::nearest_model(config.transformer, two_experts);
  config.info = {.task = model::is_model(nearest, config.transformer, two_experts) ? nearest.task : "t2v",
                 .layout = checkpoint::to_string(config.files.layout),
                 .two_experts = two_experts,
                 .latent_channels = config.vae.z_dim,
                 .size_multiple = config.vae.spatial_factor() * config.transformer.patch[2],
                 .default_width = nearest.width,
                 .default_height = nearest.height,
                 .default_frames = nearest.frames,
                 .default_steps = nearest.steps,
                 .default_shift = nearest.shift,
                 .default_guidance_low = nearest.guidance_low,
                 .default_guidance_high = nearest.guidance_high,
                 .frames_per_second = nearest.frames_per_second};
}

// Our own addition to model_index.json: a small model says what it was made for.
void read_own_defaults(PipelineConfig& config, const io::JsonValue& index) {
  if (!index.has("generation_defaults")) return;
  const auto own = index.at("generation_defaults");
  config.info.default_width = own.get("width", config.info.default_width);
  config.info.default_height = own.get("height", config.info.default_height);
  config.info.default_frames = own.get("frames", config.info.default_frames);
  config.info.default_steps = own.get("steps", config.info.default_steps);
  config.info.default_shift = own.get("shift", config.info.default_shift);
  config.info.default_guidance_low = own.get("guidance_low", config.info.default_guidance_low);
  config.info.default_guidance_high = own.get("guidance_high", config.info.default_guidance_high);
  config.info.frames_per_second = own.get("frames_per_second", config.info.frames_per_second);
  config.info.task = own.get("task", config.info.task.c_str());
}

void check_parts(const PipelineConfig& config) {
  const auto refuse = [&](const std::string& what) { throw UsageError(fmt::format("{}: {}", config.files.root.string(), what)); };
  const auto& t = config.transformer;
  if (t.text_dim != config.text.d_model)
    refuse(fmt::format("the transformer wants text states of width {}, the text encoder gives {}", t.text_dim, config.text.d_model));
  if (t.in_channels != config.vae.z_dim || t.out_channels != config.vae.z_dim)
    refuse(fmt::format("the transformer has {} and {} channels, the VAE's latents {}", t.in_channels, t.out_channels, config.vae.z_dim));
  if (config.boundary && !config.files.transformer_2)
    refuse("model_index.json names a transformer_2 and a boundary_ratio, but there is no folder transformer_2");
  if (config.boundary && read_expert(config.files, *config.files.transformer_2) != t) refuse("the two experts differ in shape");
}

void read_diffusers(PipelineConfig& config) {
  const auto& root = config.files.root;
  const auto index = io::JsonValue::read(root / "model_index.json");
  const ModelIndex described = parse_model_index(index);
  config.text = text::read_umt5_config(root / "text_encoder" / "config.json");
  config.vae = vae::read_vae_config(root / "vae" / "config.json");
  config.boundary = described.boundary;
  config.scheduler =
      sampling::read_scheduler_config(io::JsonValue::read(root / "scheduler" / "scheduler_config.json"), described.scheduler_class);
  fill_defaults(config);
  read_own_defaults(config, index);
}

// No file of this layout names a scheduler or a boundary; the official code has them in its configuration of each task.
void read_official(PipelineConfig& config) {
  config.text = text::infer_umt5_config(checkpoint::open_component(config.files.text_encoder, checkpoint::Layout::official));
  config.vae = vae::infer_vae_config(checkpoint::open_component(config.files.vae, checkpoint::Layout::official));
  const bool two_experts = config.files.transformer_2.has_value();
  const model::KnownModel& nearest = model::nearest_model(config.transformer, two_experts);
  if (two_experts) config.boundary = nearest.boundary;
  config.scheduler.shift = nearest.diffusers_shift;
  fill_defaults(config);
}

}  // namespace

ModelIndex parse_model_index(const io::JsonValue& index) {
  const auto refuse = [&](const std::string& what) { throw UsageError(fmt::format("{}: {}", index.where(), what)); };
  if (const auto pipeline = index.get("_class_name", "WanPipeline"); pipeline != "WanPipeline")
    refuse(fmt::format("_class_name = {}: only text-to-video checkpoints (WanPipeline) are supported", pipeline));
  ModelIndex described{.scheduler_class = component_class(index, "scheduler")};
  // diffusers uses transformer_2 where the index names it and a boundary is set; a converted 2.1 checkpoint may carry a boundary alone.
  if (index.has("boundary_ratio") && !component_class(index, "transformer_2").empty()) {
    described.boundary = index.at("boundary_ratio").as_double();
    if (!(*described.boundary >= 0.0 && *described.boundary <= 1.0))
      refuse(fmt::format("boundary_ratio = {}: expected a share of the timesteps, 0 to 1", *described.boundary));
  }
  return described;
}

PipelineConfig read_pipeline_config(const std::filesystem::path& root) {
  PipelineConfig config;
  config.files = checkpoint::find_checkpoint(root);
  config.transformer = read_expert(config.files, config.files.transformer);
  if (config.files.layout == checkpoint::Layout::official)
    read_official(config);
  else
    read_diffusers(config);
  check_parts(config);
  return config;
}

ModelInfo inspect_checkpoint(const std::string& checkpoint_dir) { return read_pipeline_config(checkpoint_dir).info; }

void hash_weight_file(Sha256& hash, const std::filesystem::path& path) {
  constexpr std::size_t kWhole = std::size_t{64} << 20, kEnd = std::size_t{4} << 20;
  const auto mapped = io::map_file(path);
  hash.update(fmt::format("{}\n", mapped.bytes.size()));
  if (mapped.bytes.size() <= kWhole) {
    hash.update(mapped.bytes);
  } else {
    hash.update(mapped.bytes.first(kEnd));
    hash.update(mapped.bytes.last(kEnd));
  }
}

std::string checkpoint_hash(const std::filesystem::path& root) {
  constexpr std::array<const char*, 4> kKinds = {".json", ".safetensors", ".pth", ".model"};
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::is_directory(root)) files.push_back(root);
  for (const auto& entry :
       files.empty() ? std::filesystem::recursive_directory_iterator(root, std::filesystem::directory_options::follow_directory_symlink)
                     : std::filesystem::recursive_directory_iterator())
    if (entry.is_regular_file() && std::ranges::find(kKinds, entry.path().extension()) != kKinds.end()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  Sha256 hash;
  for (const auto& file : files) {
    hash.update(fmt::format("{}\n", std::filesystem::relative(file, root).generic_string()));
    hash_weight_file(hash, file);
  }
  return hash.hex_digest();
}

}  // namespace wan
