// Dimensions of one diffusion transformer, read from the checkpoint's config.json (diffusers layout). Nothing is taken from a constant that
// a checkpoint could contradict.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace wan::model {

struct TransformerConfig {
  std::int64_t heads = 40;
  std::int64_t head_dim = 128;
  std::int64_t ffn_dim = 13824;
  std::int64_t layers = 40;
  std::int64_t in_channels = 16;
  std::int64_t out_channels = 16;
  std::int64_t text_dim = 4096;
  std::int64_t text_length = 512;
  std::int64_t freq_dim = 256;
  std::vector<std::int64_t> patch = {1, 2, 2};  // t, h, w
  double eps = 1e-6;
  bool operator==(const TransformerConfig&) const = default;

  std::int64_t dim() const { return heads * head_dim; }
  std::int64_t patch_volume() const { return patch[0] * patch[1] * patch[2]; }
};

// Throws UsageError: file and field, if it describes something else than a Wan text-to-video transformer.
TransformerConfig read_transformer_config(const std::filesystem::path& folder);

}  // namespace wan::model
