// The decoder on a CUDA device, where it convolves by other ways, against the CPU. Skipped where there is none.
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "engine/checkpoint/weights.h"
#include "engine/configuration.h"
#include "engine/runtime/device.h"
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

}  // namespace
}  // namespace wan::vae
