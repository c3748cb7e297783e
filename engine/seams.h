// The points that an optimisation may fill. Defaults (engine/reference_seams.h) are the reference path; model code calls the seam and never
// asks which optimisation is on. Applying a configuration is a fold over its list: each entry may replace a seam, or wrap what was there.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace at {
class Tensor;
}

namespace wan {

struct LayerId;
struct Linear;
struct Convolution;
struct Activation;

// x + gate * y, then LayerNorm, then * (1 + scale) + shift; each part optional (undefined tensors are left out).
struct ResidualNormModulate {
  const at::Tensor& residual;     // [B, L, d], the residual stream, float32 (in block 0 still the embedding's dtype)
  const at::Tensor& update;       // [B, L, d] or undefined
  const at::Tensor& gate;         // [B or 1, 1, d] float32 or undefined (then the update is added as it is)
  const at::Tensor& norm_weight;  // [d] or undefined
  const at::Tensor& norm_bias;    // [d] or undefined
  const at::Tensor& scale;        // [B or 1, 1, d] float32 or undefined
  const at::Tensor& shift;        // [B or 1, 1, d] float32 or undefined
  double eps;
  int output_dtype;  // c10::ScalarType of the activation handed on
};
struct ResidualAndActivation;  // engine/ops/residual_norm_modulate.h: {at::Tensor residual; Activation activation;}

// RMSNorm over the whole width (all heads together), split into heads, 3-D RoPE; q and k in one pass. Cross attention passes one of them
// alone (the text's key once a request, the query each step); the other is undefined, and so is its result.
struct QkNormRope {
  const at::Tensor& query;         // [B, L, d]
  const at::Tensor& key;           // [B, L, d]
  const at::Tensor& query_weight;  // [d]
  const at::Tensor& key_weight;    // [d]
  const at::Tensor& cosine;        // [L, hd / 2] float32, undefined: no RoPE (cross attention)
  const at::Tensor& sine;          // [L, hd / 2] float32
  std::int64_t heads;
  double eps;
};

// What a convolution of the VAE reads: the frames before, then SiLU(RMSNorm over the channels).
struct ExtendActivated {
  const at::Tensor& history;  // [B, C, frames, H, W], undefined: zeros
  std::int64_t frames;
  const at::Tensor& x;      // [B, C, T, H, W]
  const at::Tensor& gamma;  // [C, 1, 1, 1]
};

struct PackedBytes {
  std::int64_t stored = 0;
  std::int64_t scratch = 0;  // for the length of one product
};

// What `observe` may look at after a step; nothing may be changed through it.
struct StepView {
  std::int64_t step, steps;
  bool low_noise;
  const at::Tensor& latents;   // before the step, [B, C, T, h, w]
  const at::Tensor& velocity;  // after guidance
};

// The velocity of both CFG branches and the solver's state become the next latent.
struct GuideAndStep;  // engine/sampling/guidance.h

struct Seams {
  // Called once a layer at load: a quantised filler packs the weight here. Default: nothing.
  std::function<void(Linear&)> pack_linear;
  std::function<void(Convolution&)> pack_convolution;
  // What such a layer's weight will take once packed, told before anything is loaded; nothing: it stays as it is.
  std::function<std::optional<PackedBytes>(const LayerId& id, std::int64_t rows, std::int64_t columns)> packed_bytes;
  bool packed_linears_routed = false;  // engine/quant/packed.h has wrapped the linear seams

  std::function<ResidualAndActivation(const ResidualNormModulate&)> residual_norm_modulate;
  std::function<std::vector<at::Tensor>(std::span<const Linear> layers, const Activation& x)> qkv;  // one output a layer, [B, L, out]
  std::function<at::Tensor(const Linear& layer, const Activation& x)> project;                      // [B, L, out]
  std::function<at::Tensor(const Linear& up, const Linear& down, const Activation& x)> ffn;         // GELU(tanh) between
  std::function<at::Tensor(const Linear& table, const at::Tensor& indices)> embed;                  // rows [n, d] of indices [n]
  std::function<at::Tensor(const Convolution& layer, const at::Tensor& x)> convolve;  // padding beyond the layer's own is done
  std::function<at::Tensor(const ExtendActivated&)> extend_activated;                 // [B, C, frames + T, H, W]
  std::function<std::array<at::Tensor, 2>(const QkNormRope&)> qk_norm_rope;           // each [B, heads, L, hd]
  std::function<at::Tensor(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v)> attention;  // [B, heads, L, hd] each; [B, L, d]
  std::function<void(GuideAndStep&)> guide_and_step;
  std::function<void(const std::function<void()>& body)> execute;  // runs one step's body
  std::vector<std::function<void(const StepView&)>> observe;       // all are called
};

}  // namespace wan
