// The building blocks of both VAE halves. Blocks hold weights only and are const to call; what a pass needs besides its input comes in
// `Pass`. Tensors are [B, C, T, H, W] in whatever memory format the input has; nothing is written in place, so autograd can follow.
#pragma once

#include <optional>

#include "engine/layer.h"
#include "engine/vae/layout.h"

namespace wan {
struct Seams;
}
namespace wan::checkpoint {
class Weights;
}

namespace wan::vae {

class TemporalCache;

struct Pass {
  const Seams& seams;
  TemporalCache& cache;
};

// Takes weights by name and gives every convolution its id: convolutions are numbered in the order in which they are made.
class Loader {
 public:
  Loader(const checkpoint::Weights& weights, const Seams& seams) : weights_(weights), seams_(seams) {}
  // Padding is zero and stride 1 unless said otherwise; both have one entry a kernel dimension.
  Convolution convolution(const std::string& name, std::vector<std::int64_t> stride = {}, std::vector<std::int64_t> padding = {});
  // A convolution of each frame, stride 1. On a device one of videos with a kernel of 1 in time: cuDNN's of float32 pictures keeps input
  // and output once more in its own order (suites/records/h200_memory.md), and there frames would have to be folded by a copy.
  Convolution frame_convolution(const std::string& name, std::vector<std::int64_t> padding);
  at::Tensor norm(const std::string& name) const;
  std::vector<std::int64_t> kernel(const std::string& name) const;  // of the convolution `name`, which a filler may strip of its weight

 private:
  Convolution layer(const std::string& name);
  Convolution packed(Convolution layer) const;

  const checkpoint::Weights& weights_;
  const Seams& seams_;
  int made_ = 0;
};

// A kernel of 3 in time that sees the frame and the two before it: T frames in, T out. One cache slot.
class CausalConvolution {
 public:
  CausalConvolution(Loader& loader, const std::string& name) : CausalConvolution(loader, name, loader.kernel(name)) {}
  // Taken by value, as below: a caller that moves its x in has it freed before the convolution.
  at::Tensor operator()(at::Tensor x, Pass& pass) const;
  // The same of SiLU(rms_norm(x, gamma)).
  at::Tensor activated(at::Tensor x, const at::Tensor& gamma, Pass& pass) const;

 private:
  CausalConvolution(Loader& loader, const std::string& name, const std::vector<std::int64_t>& kernel);

  Convolution layer_;
  std::int64_t history_;  // frames before the first one that it sees
};

// RMS norm, SiLU, causal convolution: each half ends with one, and residual blocks are made of two.
class ActivatedConvolution {
 public:
  ActivatedConvolution(Loader& loader, const std::string& norm, const std::string& convolution);
  at::Tensor operator()(at::Tensor x, Pass& pass) const { return convolution_.activated(std::move(x), gamma_, pass); }

 private:
  at::Tensor gamma_;  // [C, 1, 1, 1]
  CausalConvolution convolution_;
};

class ResidualBlock {
 public:
  ResidualBlock(Loader& loader, const ResidualLayout& layout);
  at::Tensor operator()(const at::Tensor& x, Pass& pass) const;

 private:
  ActivatedConvolution first_;
  ActivatedConvolution second_;
  std::optional<Convolution> shortcut_;
};

// Attention of one head over the positions of each frame; frames do not see one another.
class AttentionBlock {
 public:
  AttentionBlock(Loader& loader, const std::string& name);
  at::Tensor operator()(const at::Tensor& x, Pass& pass) const;

 private:
  at::Tensor gamma_;  // [C, 1, 1]
  Convolution qkv_;
  Convolution projection_;
};

class MiddleBlock {
 public:
  MiddleBlock(Loader& loader, const HalfLayout& layout);
  at::Tensor operator()(const at::Tensor& x, Pass& pass) const;

 private:
  ResidualBlock before_;
  AttentionBlock attention_;
  ResidualBlock after_;
};

}  // namespace wan::vae
