// Changes of resolution between stages. In time the first frame of a sequence stands for itself and every later one for a pair: n latent
// frames become 2n - 1 on the way up, n frames (odd) become (n + 1) / 2 on the way down. One cache slot each where time changes.
#pragma once

#include <optional>

#include "engine/vae/blocks.h"

namespace wan::vae {

// Temporal doubling first, then each pixel becomes 2 x 2 equal ones, then a convolution a frame.
class Upsample {
 public:
  Upsample(Loader& loader, const ResampleLayout& layout);
  at::Tensor operator()(at::Tensor x, Pass& pass) const;

 private:
  at::Tensor double_frames(at::Tensor x, Pass& pass) const;

  Convolution spatial_;
  std::optional<CausalConvolution> temporal_;
};

// A strided convolution a frame first, then temporal halving.
class Downsample {
 public:
  Downsample(Loader& loader, const ResampleLayout& layout);
  at::Tensor operator()(const at::Tensor& x, Pass& pass) const;

 private:
  at::Tensor halve_frames(const at::Tensor& x, Pass& pass) const;

  Convolution spatial_;
  std::optional<Convolution> temporal_;
};

}  // namespace wan::vae
