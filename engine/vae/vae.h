// The Wan VAE: normalised latents (what the diffusion model works on) to video in about [-1, 1], and back. Both directions walk the
// sequence in chunks with causal caches; the result does not depend on the chunk size, memory and speed do: 1 is what the official code
// does and needs least memory, kWholeSequence makes the largest convolutions.
#pragma once

#include <memory>

#include "engine/vae/config.h"
#include "engine/vae/decoder.h"
#include "engine/vae/encoder.h"

namespace wan::vae {

constexpr std::int64_t kWholeSequence = 0;

class Vae {
 public:
  // The weights' dtype is the precision: float32 is the reference.
  Vae(const VaeConfig& config, const checkpoint::Weights& weights, std::shared_ptr<const Seams> seams);

  const VaeConfig& config() const { return config_; }

  // [B, z, T, h, w] to [B, 3, frames(T), h * spatial_factor, w * spatial_factor], at least float32, unclamped.
  at::Tensor decode(const at::Tensor& latents, std::int64_t chunk_latent_frames = kWholeSequence) const;
  // One chunk of a longer sequence, for callers that use frames before the last latent is decoded. The cache is new for each sequence.
  at::Tensor decode_chunk(const at::Tensor& latents, TemporalCache& cache, bool last) const;

  // [B, 3, F, H, W] in [-1, 1] to [B, z, T, h, w]: the mean of the latent distribution, normalised. F must be frames(T) for some T.
  at::Tensor encode(const at::Tensor& video, std::int64_t chunk_latent_frames = kWholeSequence) const;

 private:
  at::Tensor encode_chunk(const at::Tensor& video, TemporalCache& cache, bool last) const;

  Vae(const VaeConfig& config, const checkpoint::Weights& weights, std::shared_ptr<const Seams> seams, Loader loader);

  VaeConfig config_;
  std::shared_ptr<const Seams> seams_;
  at::ScalarType dtype_;  // of weights and activations
  Encoder encoder_;
  Convolution encoded_;    // 1 x 1 x 1 behind the encoder
  Convolution decodable_;  // 1 x 1 x 1 in front of the decoder
  Decoder decoder_;
  at::Tensor mean_;         // [1, z, 1, 1, 1], of the latents before normalisation
  at::Tensor inverse_std_;  // [1, z, 1, 1, 1]
};

}  // namespace wan::vae
