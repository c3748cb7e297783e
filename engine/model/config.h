// Dimensions of one diffusion transformer, from the checkpoint's own files. Nothing is taken from a constant that a checkpoint could
// contradict.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace wan::checkpoint {
struct Source;
}
namespace wan::io {
class JsonValue;
}

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

// Diffusers layout: all from config.json. Throws UsageError: file and field, if it describes something else than a Wan text-to-video
// transformer.
TransformerConfig read_transformer_config(const std::filesystem::path& folder);
TransformerConfig parse_transformer_config(const io::JsonValue& json);

// Official layout: config.json, which does not hold everything and may be absent, over what the tensors' shapes tell. The number of heads
// is not among that: without a file it is that of the released model of the same width.
TransformerConfig read_official_transformer_config(const std::filesystem::path& folder, const checkpoint::Source& source);

}  // namespace wan::model
