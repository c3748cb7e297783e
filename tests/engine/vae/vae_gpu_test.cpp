// The decoder on a CUDA device, where it convolves by other ways, against the CPU. Skipped where there is none.
#include <ATen/ops/cat.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "engine/checkpoint/weights.h"
#include "engine/configuration.h"
#include "engine/runtime/device.h"
#include "engine/runtime/plugin.h"
#include "engine/seams.h"
#include "engine/vae/config.h"
#include "engine/vae/tensor_table.h"
#include "engine/vae/vae.h"
#include "tests/engine/vae/fixtures.h"
#include "tests/support/engine/cuda.h"
#include "tests/support/engine/tensors.h"

namespace wan::vae {
namespace {

TEST(VaeGpu, DecodesAsTheCpuDoes) {
  WAN_SKIP_WITHOUT_CUDA();
  const at::Device device = runtime::open_device("cuda");
  const c10::InferenceMode inference;
  const runtime::ProcessFlags flags({});
  VaeConfig config{.base_dim = 16};
  config.latents_mean.assign(16, 0.1);
  config.latents_std.assign(16, 1.5);
  const at::Tensor latents = waves({1, 16, 4, 6, 10});
  const auto decoded = [&](at::Device where) {
    const auto seams = std::make_shared<const Seams>(apply_configuration({}, {.kind = where.is_cpu() ? "cpu" : "cuda"}).seams);
    const Vae vae(config, checkpoint::random_weights(tensor_table(config), {.dtype = at::kFloat, .device = where}, 1), seams);
    return vae.decode(latents.to(where), {.chunk_latent_frames = 2}).cpu();
  };
  // Some 30 convolutions with a rounding noise of 1e-6 each, added up in another order.
  EXPECT_LT(test::relative_l2(decoded(device), decoded(at::kCPU)), 3e-5);
}

// All of the weights' gradients in one row.
at::Tensor gradients(const VaeConfig& config, const checkpoint::Weights& weights, Seams seams, const at::Tensor& video) {
  checkpoint::Weights leaves;
  for (const auto& [name, tensor] : weights.tensors) leaves.tensors[name] = tensor.detach().requires_grad_(true);
  const Vae vae(config, leaves, std::make_shared<const Seams>(std::move(seams)));
  (vae.decode(vae.encode_distribution(video).mean) - video).square().mean().backward();
  std::vector<at::Tensor> rows;
  for (const auto& [name, tensor] : leaves.tensors) rows.push_back(tensor.grad().to(at::kCPU, at::kDouble).flatten());
  return at::cat(rows);
}

TEST(VaeGpu, TrainsChannelsLastThroughTheKernels) {
  WAN_SKIP_WITHOUT_CUDA();
  const at::Device device = runtime::open_device("cuda");
  for (VaeConfig config : {small_config(), small_residual_config()}) {
    config.base_dim = config.decoder_base_dim = 16;  // every norm has whole pieces of 8 channels
    const checkpoint::Weights narrow = make_weights(config, at::kBFloat16);
    const auto as = [&](at::Device where, at::ScalarType type) {
      checkpoint::Weights weights;
      for (const auto& [name, tensor] : narrow.tensors) weights.tensors[name] = tensor.to(where, type);
      return weights;
    };
    const std::int64_t cell = config.spatial_factor();
    const at::Tensor video =
        waves({2, 3, config.frames(3), 4 * cell, 3 * cell}, at::kBFloat16).contiguous(at::MemoryFormat::ChannelsLast3d);
    int fallbacks = 0;
    Seams fused = reference_seams();
    fused.extend_activated = [&, next = fused.extend_activated](const ExtendActivated& in) {
      ++fallbacks;
      ADD_FAILURE() << "x " << in.x.sizes() << " strides " << in.x.strides() << " frames " << in.frames << " history "
                    << in.history.defined();
      return next(in);
    };
    runtime::load_cuda_plugin().fill_seams(fused);
    const at::Tensor expected = gradients(config, as(at::kCPU, at::kDouble), reference_seams(), video.to(at::kDouble));
    const auto error = [&](const Seams& seams) {
      return test::relative_l2(gradients(config, as(device, at::kBFloat16), seams, video.to(device)), expected);
    };
    const double of_reference = error(reference_seams()), of_kernels = error(fused);
    EXPECT_EQ(fallbacks, 0);
    // The kernels round less often; what both have in common, the convolutions' roundings, falls otherwise each time.
    EXPECT_LT(of_kernels, 1.5 * of_reference);
    EXPECT_LT(of_reference, 0.05);  // 0.01 to 0.02 on the CPU
  }
}

}  // namespace
}  // namespace wan::vae
