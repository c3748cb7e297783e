// The Wan diffusion transformer: noisy latents, a timestep and a prompt in, the flow velocity out (wan.md 2). Reads like the paper; every
// place that an optimisation may fill is a call through the seams. The forward keeps no state, but for where its blocks are.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "engine/checkpoint/weights.h"
#include "engine/layer.h"
#include "engine/model/block_store.h"
#include "engine/model/config.h"
#include "engine/model/rope.h"
#include "engine/seams.h"

namespace wan::model {

// What cross attention needs of one prompt, the same in every step, so it is computed once a request.
struct TextContext {
  struct KeyValue {
    at::Tensor key;    // [B, heads, text_length, head_dim], normed
    at::Tensor value;  // [B, heads, text_length, head_dim]
  };
  std::vector<KeyValue> blocks = {};
};

// AdaLN's input, a row a timestep. It depends on the timestep alone, so a request computes the rows of its whole schedule at once.
struct TimeEmbedding {
  at::Tensor embedding;   // [N, d] float32: the head's
  at::Tensor modulation;  // [N, 6, d] float32: the blocks'
  TimeEmbedding row(std::int64_t i) const { return {.embedding = embedding.narrow(0, i, 1), .modulation = modulation.narrow(0, i, 1)}; }
};

// One flag a block: false where the residual stream left it with NaN or Inf. Filled on the device, read by whoever asks, when it suits.
struct BlockHealth {
  std::vector<at::Tensor> finite = {};  // 0-dim bool each
};

// The weights of one block, or of what lies outside the blocks (tensor_table.h, block_of), by our names, on the device.
using WeightLoader = std::function<checkpoint::Weights(int block)>;

// Cosines, then sines of timestep * 10000^(-i / (freq_dim / 2)), [N, freq_dim] float32 (wan.md 2). `timesteps` [N] is
// float64.
at::Tensor timestep_sinusoids(const at::Tensor& timesteps, std::int64_t freq_dim);

class Transformer {
 public:
  // `part` names the expert in layer ids. Calls seams.pack_linear once a layer. Made block by block, so that no more than one is there
  // twice, as loaded and as packed or stored. `load` is kept: a block that falls back is loaded again.
  Transformer(const TransformerConfig& config, WeightLoader load, Part part, std::shared_ptr<const Seams> seams,
              std::unique_ptr<BlockStore> blocks);
  // All weights at hand, all blocks resident.
  Transformer(const TransformerConfig& config, const checkpoint::Weights& weights, Part part, std::shared_ptr<const Seams> seams);

  const TransformerConfig& config() const { return config_; }

  // embeds [B, n <= text_length, text_dim]; rows behind n are zeros, and are attended like the reference does.
  TextContext prepare_text(const at::Tensor& embeds) const;

  // Tables for latents [B, C, T, h, w]; depends on the shape alone.
  RopeTables prepare_rope(at::IntArrayRef latent_shape) const;

  // One row a timestep, each in [0, 1000].
  TimeEmbedding prepare_time(std::span<const double> timesteps) const;
  // The same from `timestep_sinusoids`, [N, freq_dim] on the device: nothing is copied from the host.
  TimeEmbedding prepare_time(const at::Tensor& sinusoids) const;

  // latents [B, C, T, h, w] float32 -> velocity of the same shape, float32. `time` has one row, or one a clip. `health` may be null.
  at::Tensor forward(const at::Tensor& latents, const TimeEmbedding& time, const TextContext& text, const RopeTables& rope,
                     BlockHealth* health) const;

  // One block alone: x [B, L, d], the time embedding's modulation [1 or B, 6, d] -> [B, L, d] float32. `forward` is patchify, these, head.
  at::Tensor forward_block(std::int64_t block, const at::Tensor& x, const at::Tensor& time, const TextContext& text,
                           const RopeTables& rope) const;

  // Loads a block again without packing it: its layers run on the reference path from now on. False if nothing in it was packed.
  bool use_reference_weights(int block);

  // On the device; blocks in a pool are the pool's.
  std::int64_t device_bytes() const;

 private:
  // Activations come by value, and each is let go when the next one is made: at these sizes that decides what fits a card.
  at::Tensor patchify(const at::Tensor& latents) const;                                 // -> [B, L, C * patch]
  at::Tensor unpatchify(const at::Tensor& tokens, at::IntArrayRef latent_shape) const;  // [B, L, patch * C] -> [B, C, T, h, w]
  at::Tensor self_attention(const Block& block, Activation x, const RopeTables& rope) const;
  at::Tensor cross_attention(const Block& block, Activation x, const TextContext::KeyValue& text) const;
  // The residual stream between two blocks: x + gate * update, which the next norm adds while it reads them anyway.
  struct Stream {
    at::Tensor x;            // [B, L, d]
    at::Tensor update = {};  // [B, L, d], undefined before the first block
    at::Tensor gate = {};    // [1 or B, 1, d]
  };
  Stream run_block(const Block& block, Stream stream, const at::Tensor& time, const TextContext::KeyValue& text,
                   const RopeTables& rope) const;

  TransformerConfig config_;
  WeightLoader load_;
  Part part_;
  std::shared_ptr<const Seams> seams_;
  Linear patch_embedding_, text_in_, text_out_, time_in_, time_out_, time_projection_, head_;
  at::Tensor head_modulation_;  // [1, 2, d] float32
  std::unique_ptr<BlockStore> blocks_;
  std::vector<bool> packed_;  // a flag a block
};

}  // namespace wan::model
