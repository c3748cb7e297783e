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
  at::Tensor norm(const std::string& name) const;
  std::vector<std::int64_t> kernel(const std::string& name) const;  // of the convolution `name`, which a filler may strip of its weight

 private:
  const checkpoint::Weights& weights_;
  const Seams& seams_;
  int made_ = 0;
};

// A kernel of 3 in time that sees the frame and the two before it: T frames in, T out. One cache slot.
class CausalConvolution {
 public:
  CausalConvolution(Loader& loader, const std::string& name) : CausalConvolution(loader, name, loader.kernel(name)) {}
  at::Tensor operator()(const at::Tensor& x, Pass& pass) const;

 private:
  CausalConvolution(Loader& loader, const std::string& name, const std::vector<std::int64_t>& kernel);

  Convolution layer_;
  std::int64_t history_;  // frames before the first one that it sees
};

// x / max(|x|, 1e-12) * sqrt(C) * gamma, the norm taken over the channels. Half types are widened to float32 for the division.
class RmsNorm {
 public:
  RmsNorm(const Loader& loader, const std::string& name) : gamma_(loader.norm(name)) {}
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  at::Tensor gamma_;  // [C, 1, 1(, 1)]
};

class ResidualBlock {
 public:
  ResidualBlock(Loader& loader, const ResidualLayout& layout);
  at::Tensor operator()(const at::Tensor& x, Pass& pass) const;

 private:
  RmsNorm norm_in_;
  CausalConvolution convolution_in_;
  RmsNorm norm_out_;
  CausalConvolution convolution_out_;
  std::optional<Convolution> shortcut_;
};

// Attention of one head over the positions of each frame; frames do not see one another.
class AttentionBlock {
 public:
  AttentionBlock(Loader& loader, const std::string& name);
  at::Tensor operator()(const at::Tensor& x, Pass& pass) const;

 private:
  RmsNorm norm_;
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

// RMS norm, SiLU, causal convolution: the end of each half.
class Head {
 public:
  Head(Loader& loader, const HalfLayout& layout);
  at::Tensor operator()(const at::Tensor& x, Pass& pass) const;

 private:
  RmsNorm norm_;
  CausalConvolution convolution_;
};

}  // namespace wan::vae
