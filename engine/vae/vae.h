// The Wan VAE: normalised latents (what the diffusion model works on) to video in about [-1, 1], and back. Both directions walk the
// sequence in chunks with causal caches; the result does not depend on the chunk size (in float32 on the CPU to the last bit), memory and
// speed do: 1 is what the official code does and needs least memory, kWholeSequence makes the largest convolutions. Tiles bound the memory
// of large pictures: everything at the latents' resolution, attention among it, is computed of the whole picture, the rest in tiles with
// margins (tiles.h), so the result differs by the order of sums at most.
#pragma once

#include <functional>
#include <memory>

#include "engine/vae/config.h"
#include "engine/vae/cut.h"
#include "engine/vae/decoder.h"
#include "engine/vae/encoder.h"

namespace wan::vae {

// A part of the decoded video with the place of its first pixel.
struct Piece {
  at::Tensor pixels;  // [B, 3, f, y, x]
  std::int64_t frame, row, column;
};
using TakePiece = std::function<void(const Piece& piece)>;

// A Gaussian at each latent position; both [B, z, T, h, w], at least float32.
struct Posterior {
  at::Tensor mean, log_variance;
};

class Vae {
 public:
  // The weights' dtype is the precision: float32 is the reference.
  Vae(const VaeConfig& config, const checkpoint::Weights& weights, std::shared_ptr<const Seams> seams);

  const VaeConfig& config() const { return config_; }

  // [B, z, T, h, w] to [B, 3, frames(T), h * spatial_factor, w * spatial_factor], at least float32, unclamped; in pieces as they are made,
  // each pixel once, so that a caller need not hold the whole video.
  void decode(const at::Tensor& latents, const Cut& cut, const TakePiece& take) const;
  // The same in one tensor.
  at::Tensor decode(const at::Tensor& latents, const Cut& cut = {}) const;
  // One chunk of a longer sequence, for callers that use frames before the last latent is decoded. The cache is new for each sequence.
  at::Tensor decode_chunk(const at::Tensor& latents, TemporalCache& cache, bool last) const;

  // [B, 3, F, H, W] in [-1, 1] to [B, z, T, h, w]: the mean of the latent distribution, normalised. F must be frames(T) for some T.
  at::Tensor encode(const at::Tensor& video, std::int64_t chunk_latent_frames = kWholeSequence) const;
  // The whole distribution, before normalisation, for training.
  Posterior encode_distribution(const at::Tensor& video) const;

 private:
  Features prepare(const at::Tensor& latents, TemporalCache& cache) const;
  at::Tensor finish(Features features, TemporalCache& cache) const;
  void decode_tiles(const at::Tensor& latents, const Cut& cut, const TakePiece& take) const;
  at::Tensor encode_chunk(const at::Tensor& video, TemporalCache& cache, bool last) const;  // [B, 2z, T, h, w]
  at::Tensor encode_moments(const at::Tensor& video, std::int64_t chunk_latent_frames) const;

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
