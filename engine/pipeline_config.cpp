#include "engine/pipeline_config.h"

#include <algorithm>
#include <array>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/sha256.h"
#include "engine/generator.h"
#include "engine/io/json.h"
#include "engine/io/mapped_file.h"

namespace wan {
namespace {

// The official command line's defaults (wan.md 1.2). Sizes of a model nobody knows come from its checkpoint or from the user.
struct TaskDefaults {
  const char* task;
  std::int64_t latent_channels, heads;
  bool two_experts;
  std::int64_t width, height, frames, steps;
  double shift, guidance_low, guidance_high, frames_per_second;
};
constexpr std::array<TaskDefaults, 4> kTasks = {{{"t2v-A14B", 16, 40, true, 1280, 720, 81, 40, 12.0, 3.0, 4.0, 16},
                                                 {"ti2v-5B", 48, 24, false, 1280, 704, 121, 50, 5.0, 5.0, 5.0, 24},
                                                 {"t2v-14B", 16, 40, false, 1280, 720, 81, 50, 5.0, 5.0, 5.0, 16},
                                                 {"t2v-1.3B", 16, 12, false, 832, 480, 81, 50, 5.0, 5.0, 5.0, 16}}};

// The task whose widths these are; else the one of the same kind (latent channels, experts), for its sampling defaults.
const TaskDefaults& defaults_of(const PipelineConfig& config) {
  const TaskDefaults* kin = nullptr;
  for (const TaskDefaults& task : kTasks) {
    if (task.latent_channels != config.vae.z_dim || task.two_experts != config.boundary.has_value()) continue;
    if (task.heads == config.transformer.heads) return task;
    if (!kin) kin = &task;
  }
  return kin ? *kin : kTasks[2];
}

void read_scheduler(PipelineConfig& config, const io::JsonValue& index) {
  const auto file = config.root / "scheduler" / "scheduler_config.json";
  const auto json = io::JsonValue::read(file);
  const std::string name = json.get("_class_name", index.at("scheduler").at(1).as_string().c_str());
  if (name == "UniPCMultistepScheduler")
    config.solver = Solver::unipc;
  else if (name == "DPMSolverMultistepScheduler")
    config.solver = Solver::dpmpp;
  else if (name == "FlowMatchEulerDiscreteScheduler")
    config.solver = Solver::euler;
  else
    throw UsageError(
        fmt::format("{}: scheduler '{}' is not supported; there are UniPCMultistepScheduler, DPMSolverMultistepScheduler and "
                    "FlowMatchEulerDiscreteScheduler",
                    file.string(), name));
  config.scheduler_shift = json.get("flow_shift", json.get("shift", 5.0));
}

void read_defaults(PipelineConfig& config, const io::JsonValue& index) {
  const TaskDefaults& task = defaults_of(config);
  const bool known = task.heads == config.transformer.heads && config.transformer.head_dim == 128;
  config.info = {.task = known ? task.task : "t2v",
                 .two_experts = config.boundary.has_value(),
                 .latent_channels = config.vae.z_dim,
                 .size_multiple = config.vae.spatial_factor() * config.transformer.patch[2],
                 .default_width = task.width,
                 .default_height = task.height,
                 .default_frames = task.frames,
                 .default_steps = task.steps,
                 .default_shift = task.shift,
                 .default_guidance_low = task.guidance_low,
                 .default_guidance_high = task.guidance_high,
                 .frames_per_second = task.frames_per_second};
  if (!index.has("generation_defaults")) return;  // our own addition to model_index.json: a small model says what it was made for
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
  const auto refuse = [&](const std::string& what) { throw UsageError(fmt::format("{}: {}", config.root.string(), what)); };
  const auto& t = config.transformer;
  if (t.text_dim != config.text.d_model)
    refuse(fmt::format("the transformer wants text states of width {}, the text encoder gives {}", t.text_dim, config.text.d_model));
  if (t.in_channels != config.vae.z_dim || t.out_channels != config.vae.z_dim)
    refuse(fmt::format("the transformer has {} and {} channels, the VAE's latents {}", t.in_channels, t.out_channels, config.vae.z_dim));
  if (config.boundary && model::read_transformer_config(config.root / "transformer_2") != t)
    refuse("transformer and transformer_2 differ in shape");
}

}  // namespace

PipelineConfig read_pipeline_config(const std::filesystem::path& root) {
  if (!std::filesystem::is_directory(root)) throw UsageError(fmt::format("{}: is not a folder", root.string()));
  if (!std::filesystem::exists(root / "model_index.json"))
    throw UsageError(
        fmt::format("{}: holds no model_index.json; expected a checkpoint in the diffusers layout (transformer/, vae/, text_encoder/, "
                    "tokenizer/, scheduler/)",
                    root.string()));
  const auto index = io::JsonValue::read(root / "model_index.json");
  PipelineConfig config;
  config.root = root;
  config.transformer = model::read_transformer_config(root / "transformer");
  config.text = text::read_umt5_config(root / "text_encoder" / "config.json");
  config.vae = vae::read_vae_config(root / "vae" / "config.json");
  // A converted 2.1 checkpoint may carry a boundary without a second expert: the folder decides.
  if (index.has("boundary_ratio") && std::filesystem::is_directory(root / "transformer_2"))
    config.boundary = index.at("boundary_ratio").as_double();
  read_scheduler(config, index);
  read_defaults(config, index);
  check_parts(config);
  return config;
}

ModelInfo inspect_checkpoint(const std::string& checkpoint_dir) { return read_pipeline_config(checkpoint_dir).info; }

std::string checkpoint_hash(const std::filesystem::path& root) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(root, std::filesystem::directory_options::follow_directory_symlink))
    if (entry.is_regular_file() && (entry.path().extension() == ".json" || entry.path().extension() == ".safetensors"))
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  constexpr std::size_t kWhole = std::size_t{64} << 20, kEnd = std::size_t{4} << 20;
  Sha256 hash;
  for (const auto& file : files) {
    const auto mapped = io::map_file(file);
    hash.update(fmt::format("{}\n{}\n", std::filesystem::relative(file, root).generic_string(), mapped.bytes.size()));
    if (mapped.bytes.size() <= kWhole) {
      hash.update(mapped.bytes);
    } else {
      hash.update(mapped.bytes.first(kEnd));
      hash.update(mapped.bytes.last(kEnd));
    }
  }
  return hash.hex_digest();
}

}  // namespace wan
