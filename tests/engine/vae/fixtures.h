// Small VAEs and the oracle's for the tests of this room.
#pragma once

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "engine/checkpoint/weights.h"
#include "engine/reference_seams.h"
#include "engine/runtime/tensor.h"
#include "engine/vae/tensor_table.h"
#include "engine/vae/vae.h"
#include "tests/support/engine/tensors.h"

namespace wan::vae {

// Wan2.1's architecture with few channels.
inline VaeConfig small_config() {
  VaeConfig config{.base_dim = 4, .decoder_base_dim = 4, .z_dim = 5, .dim_mult = {1, 2, 3}, .num_res_blocks = 1};
  config.temporal_downsample = {false, true};
  config.latents_mean = {0.5, -0.25, 0, 1, -1};
  config.latents_std = {1, 2, 0.5, 1.5, 3};
  return config;
}

// Wan2.2's: patches, shortcuts, and a decoder wider than the encoder. Every shortcut's channel counts must divide, so the last two stages
// are equally wide.
inline VaeConfig small_residual_config() {
  VaeConfig config = small_config();
  config.is_residual = true;
  config.patch_size = 2;
  config.in_channels = config.out_channels = 12;
  config.dim_mult = {1, 2, 2};
  config.decoder_base_dim = 6;
  return config;
}

inline checkpoint::Weights make_weights(const VaeConfig& config, at::ScalarType dtype = at::kFloat) {
  return checkpoint::random_weights(tensor_table(config), {.dtype = dtype}, 20260101);
}

// Values in [-1, 1] that depend on the shape alone.
inline at::Tensor waves(const std::vector<std::int64_t>& shape, at::ScalarType dtype = at::kFloat) {
  at::Tensor tensor = at::empty(shape, at::TensorOptions(at::kDouble));
  double* values = tensor.mutable_data_ptr<double>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i)
    values[i] = std::sin(0.37 * static_cast<double>(i) + 0.011 * static_cast<double>(i % 101));
  return tensor.to(dtype);
}

inline double max_error(const at::Tensor& actual, const at::Tensor& expected) {
  EXPECT_EQ(actual.sizes(), expected.sizes());
  return (actual.to(at::kDouble) - expected.to(at::kDouble)).abs().max().item<double>();
}

// Of signals in [0, 1].
inline double psnr_db(const at::Tensor& actual, const at::Tensor& expected) {
  const double mse = (actual.to(at::kDouble) - expected.to(at::kDouble)).square().mean().item<double>();
  return -10 * std::log10(mse);
}

}  // namespace wan::vae
