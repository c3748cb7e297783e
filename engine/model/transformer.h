// The Wan diffusion transformer: noisy latents, a timestep and a prompt in, the flow velocity out (wan.md 2). Reads like the paper; every
// place that an optimisation may fill is a call through the seams. Weights are const and shared; the forward keeps no state.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/checkpoint/weights.h"
#include "engine/layer.h"
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

struct Block {
  at::Tensor modulation;  // [1, 6, d] float32: shift, scale, gate of attention, then of the FFN
  std::array<Linear, 3> self_qkv;
  Linear self_output;
  at::Tensor self_norm_q, self_norm_k;  // [d]
  at::Tensor norm3_weight, norm3_bias;  // [d]
  Linear cross_query;
  std::array<Linear, 2> cross_key_value;
  Linear cross_output;
  at::Tensor cross_norm_q, cross_norm_k;  // [d]
  Linear ffn_up, ffn_down;
};

class Transformer {
 public:
  // `part` names the expert in layer ids. Calls seams.pack_linear once a layer.
  Transformer(const TransformerConfig& config, const checkpoint::Weights& weights, Part part, std::shared_ptr<const Seams> seams);

  const TransformerConfig& config() const { return config_; }

  // embeds [B, n <= text_length, text_dim]; rows behind n are zeros, and are attended like the reference does.
  TextContext prepare_text(const at::Tensor& embeds) const;

  // Tables for latents [B, C, T, h, w]; depends on the shape alone.
  RopeTables prepare_rope(at::IntArrayRef latent_shape) const;

  // One row a timestep, each in [0, 1000].
  TimeEmbedding prepare_time(std::span<const double> timesteps) const;

  // latents [B, C, T, h, w] float32 -> velocity of the same shape, float32. `time` has one row, or one a clip. `health` may be null.
  at::Tensor forward(const at::Tensor& latents, const TimeEmbedding& time, const TextContext& text, const RopeTables& rope,
                     BlockHealth* health) const;

  // One block alone: x [B, L, d], the time embedding's modulation [1 or B, 6, d] -> [B, L, d] float32. `forward` is patchify, these, head.
  at::Tensor forward_block(std::int64_t block, const at::Tensor& x, const at::Tensor& time, const TextContext& text,
                           const RopeTables& rope) const {
    return run_block(blocks_.at(static_cast<std::size_t>(block)), x, time, text.blocks.at(static_cast<std::size_t>(block)), rope);
  }

  // Drops the packed weights of a block: its layers run on the reference path from now on. False if there was none.
  bool use_reference_weights(int block);

 private:
  at::Tensor patchify(const at::Tensor& latents) const;                                 // -> [B, L, C * patch]
  at::Tensor unpatchify(const at::Tensor& tokens, at::IntArrayRef latent_shape) const;  // [B, L, patch * C] -> [B, C, T, h, w]
  at::Tensor self_attention(const Block& block, const Activation& x, const RopeTables& rope) const;
  at::Tensor cross_attention(const Block& block, const Activation& x, const TextContext::KeyValue& text) const;
  at::Tensor run_block(const Block& block, at::Tensor x, const at::Tensor& time, const TextContext::KeyValue& text,
                       const RopeTables& rope) const;

  TransformerConfig config_;
  std::shared_ptr<const Seams> seams_;
  Linear patch_embedding_, text_in_, text_out_, time_in_, time_out_, time_projection_, head_;
  at::Tensor head_modulation_;  // [1, 2, d] float32
  std::vector<Block> blocks_;
};

}  // namespace wan::model
