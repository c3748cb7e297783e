// Latents to pixels: first convolution, middle block, stages of rising resolution, head.
#pragma once

#include <vector>

#include "engine/vae/blocks.h"
#include "engine/vae/resample.h"

namespace wan::vae {

class DecoderStage {
 public:
  DecoderStage(Loader& loader, const StageLayout& layout);
  at::Tensor operator()(at::Tensor x, Pass& pass) const;

  // The two halves of a stage: its residual blocks, and what follows, which needs the stage's input where a shortcut goes around it.
  at::Tensor refine(at::Tensor x, Pass& pass) const;
  at::Tensor enlarge(const at::Tensor& input, at::Tensor refined, Pass& pass) const;
  bool has_shortcut() const { return layout_.shortcut; }

 private:
  StageLayout layout_;
  std::vector<ResidualBlock> residuals_;
  std::optional<Upsample> upsample_;
};

// What the part of the decoder that sees whole pictures hands to the part that may see tiles of them, both [B, C, T, h, w].
struct Features {
  at::Tensor input = {};    // of the first stage; undefined if nothing goes around that stage
  at::Tensor refined = {};  // after the first stage's residual blocks
};

class Decoder {
 public:
  Decoder(Loader& loader, const HalfLayout& layout);
  // A chunk of latents in the VAE's own scale [B, z, T, h, w]: everything at the latents' resolution, with the attention over the picture.
  Features prepare(const at::Tensor& latents, Pass& pass) const;
  // The rest, convolutions of rising resolution: [B, colours, T', H, W] (still patchified if the VAE is).
  at::Tensor finish(Features features, Pass& pass) const;

 private:
  CausalConvolution input_;
  MiddleBlock middle_;
  std::vector<DecoderStage> stages_;
  ActivatedConvolution head_;
};

}  // namespace wan::vae
