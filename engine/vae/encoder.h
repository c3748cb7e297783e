// Pixels to latents: first convolution, stages of falling resolution, middle block, head.
#pragma once

#include <vector>

#include "engine/vae/blocks.h"
#include "engine/vae/resample.h"

namespace wan::vae {

class EncoderStage {
 public:
  EncoderStage(Loader& loader, const StageLayout& layout);
  at::Tensor operator()(const at::Tensor& x, Pass& pass) const;

 private:
  StageLayout layout_;
  std::vector<ResidualBlock> residuals_;
  std::optional<Downsample> downsample_;
};

class Encoder {
 public:
  Encoder(Loader& loader, const HalfLayout& layout);
  // A chunk of frames [B, colours, T, H, W] (patchified if the VAE is) to mean and log-variance, [B, 2z, T', h, w].
  at::Tensor operator()(const at::Tensor& video, Pass& pass) const;

 private:
  CausalConvolution input_;
  std::vector<EncoderStage> stages_;
  MiddleBlock middle_;
  ActivatedConvolution head_;
};

}  // namespace wan::vae
