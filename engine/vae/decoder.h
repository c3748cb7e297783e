// Latents to pixels: first convolution, middle block, stages of rising resolution, head.
#pragma once

#include <vector>

#include "engine/vae/blocks.h"
#include "engine/vae/resample.h"

namespace wan::vae {

class DecoderStage {
 public:
  DecoderStage(Loader& loader, const StageLayout& layout);
  at::Tensor operator()(const at::Tensor& x, Pass& pass) const;

 private:
  StageLayout layout_;
  std::vector<ResidualBlock> residuals_;
  std::optional<Upsample> upsample_;
};

class Decoder {
 public:
  Decoder(Loader& loader, const HalfLayout& layout);
  // A chunk of latents in the VAE's own scale [B, z, T, h, w] to [B, colours, T', H, W] (still patchified if the VAE is).
  at::Tensor operator()(const at::Tensor& latents, Pass& pass) const;

 private:
  CausalConvolution input_;
  MiddleBlock middle_;
  std::vector<DecoderStage> stages_;
  ActivatedConvolution head_;
};

}  // namespace wan::vae
