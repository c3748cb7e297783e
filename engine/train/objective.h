// What is minimised. All in float32 (float64 where that comes in).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "engine/train/world/random.h"
#include "engine/vae/vae.h"

namespace wan::train {

// Of the error of a video, [B, 3, F, H, W]: its mean absolute value.
at::Tensor reconstruction_loss(const at::Tensor& error);

// Of the same: mean absolute value of its horizontal and vertical differences at full, half and quarter size, what edges look like.
// (Differences and means are linear, so they may be taken of the error.)
at::Tensor edge_loss(const at::Tensor& error);

// Mean over latent positions of the divergence from N(0, 1), in nats (Kingma, Welling 2014, appendix B).
at::Tensor divergence(const vae::Posterior& posterior);

// A range of noise levels sigma, as a schedule shifted by `shift` visits it: sigma = shift u / (1 + (shift - 1) u), u uniform.
struct NoiseRange {
  double shift, lowest, highest;  // of sigma
};
double share_of(const NoiseRange& range);  // of the schedule's time: of u
// One level for each clip, stratified: the i-th lies in the i-th part of the range of u, and they are shuffled with the clips anyway.
std::vector<double> draw_levels(world::Random& random, std::int64_t count, const NoiseRange& range);

// x = (1 - sigma) clean + sigma noise, of which the velocity noise - clean is to be told. `sigma` [B, 1, 1, 1, 1].
at::Tensor add_noise(const at::Tensor& clean, const at::Tensor& noise, const at::Tensor& sigma);
at::Tensor velocity_loss(const at::Tensor& velocity, const at::Tensor& clean, const at::Tensor& noise);

}  // namespace wan::train
