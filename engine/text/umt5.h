// The UMT5 encoder: token ids to the text states that cross attention reads (wan.md 4.3, 4.4). Every elementary operation rounds to the
// weights' dtype, as the official code does; norms and softmax run in float32 inside.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/checkpoint/weights.h"
#include "engine/layer.h"
#include "engine/seams.h"

namespace wan::io {
class JsonValue;
}

namespace wan::text {

struct Umt5Config {
  std::int64_t vocabulary = 256384;
  std::int64_t d_model = 4096;
  std::int64_t heads = 64;
  std::int64_t d_kv = 64;
  std::int64_t d_ff = 10240;
  std::int64_t layers = 24;
  std::int64_t buckets = 32;        // of relative positions, both directions together
  std::int64_t max_distance = 128;  // from here on all share a direction's last bucket
  double eps = 1e-6;
  bool operator==(const Umt5Config&) const = default;
};

// text_encoder/config.json. Throws UsageError: file and field, if it describes another kind of encoder.
Umt5Config read_umt5_config(const std::filesystem::path& path);
Umt5Config parse_umt5_config(const io::JsonValue& json);

// The official layout has no such file: everything from the tensors' shapes.
Umt5Config infer_umt5_config(const checkpoint::Source& source);

checkpoint::TensorTable umt5_tensors(const Umt5Config& config);

// Bucket of a relative position (key index - query index): a quarter of the buckets a direction one by one, then logarithmically wider
// (Raffel et al. 2020; wan.md 4.4).
std::int64_t relative_position_bucket(std::int64_t relative, std::int64_t buckets = 32, std::int64_t max_distance = 128);

// Prompts of different lengths side by side.
struct TokenBatch {
  at::Tensor tokens;   // [B, n] int64, 0 behind a prompt's end
  at::Tensor valid;    // [B, n] float32, 1 up to there, 0 behind it
  at::Tensor buckets;  // [n, n] int64, of the positions
};
// On the host. n is `length`; longer prompts are a CheckError.
TokenBatch make_token_batch(const Umt5Config& config, std::span<const std::vector<std::int64_t>> prompts, std::int64_t length);

class TextEncoder {
 public:
  // Calls seams.pack_linear once a layer and for the table. Tensors are moved to `device` one by one, so that where a filler shrinks them
  // the device never holds them all as they were; by default they stay where they are.
  TextEncoder(const Umt5Config& config, const checkpoint::Weights& weights, std::shared_ptr<const Seams> seams,
              std::optional<at::Device> device = {});

  // Ids of the valid tokens alone -> [1, n, d_model] in the weights' dtype, on their device. Padding would be masked out of every
  // attention, so leaving it away changes nothing but the time.
  at::Tensor encode(std::span<const std::int64_t> ids) const;

  // Several prompts at once, as training wants them -> [B, n, d_model]; rows behind a prompt's end are zeros. Each is what `encode` gives,
  // but for the order of sums. Waits for nothing and copies nothing from the host.
  at::Tensor encode(const TokenBatch& prompts) const;

 private:
  struct Layer {
    at::Tensor attention_norm, ffn_norm;  // [d_model]
    std::array<Linear, 3> qkv;
    Linear output;
    at::Tensor position_bias;  // [buckets, heads]
    Linear gate, up, down;
  };
  at::Tensor norm(const at::Tensor& x, const at::Tensor& weight) const;
  at::Tensor attention(const Layer& layer, const at::Tensor& x, const at::Tensor& buckets, const at::Tensor& mask) const;
  // mask [B, 1, 1, n], -inf at padding, or undefined.
  at::Tensor states(const at::Tensor& tokens, const at::Tensor& buckets, const at::Tensor& mask) const;

  Umt5Config config_;
  std::shared_ptr<const Seams> seams_;
  Linear table_;  // [vocabulary, d_model]
  std::vector<Layer> layers_;
  at::Tensor final_norm_;  // [d_model]
};

}  // namespace wan::text
