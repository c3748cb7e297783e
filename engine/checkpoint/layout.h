// Where a checkpoint folder keeps its components: as the official repositories lay it out, or as diffusers does. The folder tells which.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "engine/checkpoint/source.h"

namespace wan::checkpoint {

// A component's weights: a folder with safetensors (one file or shards), or one .pth file.
struct Component {
  std::filesystem::path path;
  std::string stem = {};  // of the files in the folder; empty: `path` is the file
};

struct CheckpointFiles {
  std::filesystem::path root;
  Layout layout = Layout::diffusers;
  Component transformer;                        // the high-noise expert, where there are two
  std::optional<Component> transformer_2 = {};  // the low-noise expert
  Component text_encoder, vae;
  std::filesystem::path tokenizer;  // a folder
};

// Looks at names alone. Throws UsageError: no checkpoint of either layout, or everything that the layout misses.
CheckpointFiles find_checkpoint(const std::filesystem::path& root);

Source open_component(const Component& component, Layout layout);

const char* to_string(Layout layout);

}  // namespace wan::checkpoint
