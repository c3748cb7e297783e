// What a checkpoint folder of either layout describes: its components' configs and the defaults of a request. Of weights only headers are
// read.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "engine/base/sha256.h"
#include "engine/checkpoint/layout.h"
#include "engine/generation.h"
#include "engine/model/config.h"
#include "engine/sampling/scheduler_config.h"
#include "engine/text/umt5.h"
#include "engine/vae/config.h"

namespace wan {

struct PipelineConfig {
  checkpoint::CheckpointFiles files;
  model::TransformerConfig transformer;  // both experts have the same shape
  text::Umt5Config text;
  vae::VaeConfig vae;
  std::optional<double> boundary = {};  // in [0, 1]; set: two experts, the high-noise one at timesteps >= 1000 * boundary
  sampling::SchedulerConfig scheduler;  // the checkpoint's, for the diffusers reference; the official default shift is in `info`
  ModelInfo info;
};

// What model_index.json says of the components. Throws UsageError: the field, if it describes no text-to-video pipeline.
struct ModelIndex {
  std::string scheduler_class = {};     // empty: not named
  std::optional<double> boundary = {};  // set: there is a second expert
};
ModelIndex parse_model_index(const io::JsonValue& index);

// Throws UsageError: what is missing, which file, which field.
PipelineConfig read_pipeline_config(const std::filesystem::path& root);

// The size and, of a file up to 64 MiB, all bytes; of a larger one the first and the last 4 MiB.
void hash_weight_file(Sha256& hash, const std::filesystem::path& path);

// Identity of the configs, tokenizers and weights of a checkpoint's folder or of a folder in it; or of one file.
std::string checkpoint_hash(const std::filesystem::path& root);

}  // namespace wan
