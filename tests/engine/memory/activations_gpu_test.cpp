// The same predictions on a CUDA device, against the peak of its allocator. Skipped where there is none.
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "engine/configuration.h"
#include "engine/memory/activations.h"
#include "engine/model/tensor_table.h"
#include "engine/model/transformer.h"
#include "engine/runtime/device.h"
#include "engine/vae/clip.h"
#include "tests/engine/vae/fixtures.h"
#include "tests/support/engine/cuda.h"

namespace wan::memory {
namespace {

constexpr double kTolerance = 0.05;

class ActivationsGpu : public ::testing::Test {
 protected:
  void SetUp() override {
    WAN_SKIP_WITHOUT_CUDA();
    device_ = runtime::open_device("cuda");
    seams_ = std::make_shared<const Seams>(apply_configuration({}, {.kind = "cuda"}).seams);
  }

  // The second run's peak above what was held before: libraries take their workspaces in the first.
  template <typename Work>
  std::int64_t measure(const Work& work) {
    const c10::InferenceMode inference;
    std::int64_t before = 0;
    for (int round = 0; round < 2; ++round) {
      runtime::synchronize(*device_);
      runtime::reset_peak_bytes(*device_);
      before = runtime::peak_bytes(*device_);
      work();
    }
    return runtime::peak_bytes(*device_) - before;
  }

  // The promise is about a stage's whole peak, so `weights` counts on both sides.
  void expect_near(std::int64_t predicted, std::int64_t measured, std::int64_t weights) {
    std::printf("activations predicted %.1f MiB, measured %.1f MiB, weights %.1f MiB\n", static_cast<double>(predicted) / (1 << 20),
                static_cast<double>(measured) / (1 << 20), static_cast<double>(weights) / (1 << 20));
    EXPECT_NEAR(static_cast<double>(predicted + weights) / static_cast<double>(measured + weights), 1.0, kTolerance);
  }

  const runtime::ProcessFlags flags_{{}};  // float32 products in float32, as every generation has them unless it asks for TF32
  std::optional<at::Device> device_;
  std::shared_ptr<const Seams> seams_;
};

// T2V-1.3B's shape with 4 blocks, 480 x 832, 49 frames.
TEST_F(ActivationsGpu, DiffusionPeakIsPredicted) {
  const model::TransformerConfig config{.heads = 12, .ffn_dim = 8960, .layers = 4};
  for (const auto dtype : {at::kBFloat16, at::kFloat}) {
    const auto weights = checkpoint::random_weights(model::transformer_tensors(config),
                                                    {.dtype = dtype, .device = *device_, .keep_float32 = model::keep_float32}, 1);
    const model::Transformer transformer(config, weights, Part::high_noise, seams_);
    const std::int64_t measured = measure([&] {
      const at::Tensor noise = vae::waves({1, 16, 13, 60, 104}).to(*device_), latents = noise.clone();
      const auto rope = transformer.prepare_rope(noise.sizes());
      const auto time = transformer.prepare_time(std::vector<double>{900.0});
      const at::Tensor prompt = vae::waves({1, 100, config.text_dim}, dtype).to(*device_), negative = prompt.narrow(1, 0, 3).clone();
      const auto positive = transformer.prepare_text(prompt), other = transformer.prepare_text(negative);
      const at::Tensor v = transformer.forward(latents, time, positive, rope, nullptr);
      transformer.forward(latents, time, other, rope, nullptr);
    });
    const Workload workload{.frames = 13, .rows = 60, .columns = 104, .prompt_tokens = 100, .negative_tokens = 3, .solver = Solver::euler};
    expect_near(diffusion_bytes(config, 1, workload, {.element_bytes = static_cast<std::int64_t>(c10::elementSize(dtype)), .cuda = true}),
                measured, weights.bytes());
  }
}

// The Wan2.1 VAE, 480 x 832, 17 frames.
TEST_F(ActivationsGpu, DecodingPeakIsPredicted) {
  vae::VaeConfig config;
  config.latents_mean.assign(16, 0.1);
  config.latents_std.assign(16, 1.5);
  const auto weights = checkpoint::random_weights(vae::tensor_table(config), {.dtype = at::kFloat, .device = *device_}, 1);
  const vae::Vae vae(config, weights, seams_);
  for (const vae::Cut& cut : {vae::Cut{}, vae::Cut{.chunk_latent_frames = 1}, vae::Cut{.chunk_latent_frames = 1, .tile = 48}}) {
    SCOPED_TRACE(::testing::Message() << "chunk " << cut.chunk_latent_frames << ", tile " << cut.tile);
    const std::int64_t measured = measure([&] {
      const at::Tensor latents = vae::waves({1, 16, 5, 60, 104}).to(*device_);
      vae::ClipAssembler clip(17, 480, 832, 16);
      vae.decode(latents, cut, [&](const vae::Piece& piece) { clip.add(piece); });
    });
    const Decoding predicted = decoding(config, {.frames = 5, .rows = 60, .columns = 104}, cut, {.element_bytes = 4, .cuda = true});
    expect_near(predicted.bytes, measured, weights.bytes());
  }
}

// How far chunks are from the whole there: cuDNN may choose another algorithm for another size.
TEST_F(ActivationsGpu, ChunksAreTheWholeButForRounding) {
  vae::VaeConfig config;
  config.latents_mean.assign(16, 0.1);
  config.latents_std.assign(16, 1.5);
  const c10::InferenceMode inference;
  const vae::Vae vae(config, checkpoint::random_weights(vae::tensor_table(config), {.dtype = at::kFloat, .device = *device_}, 1), seams_);
  const at::Tensor latents = vae::waves({1, 16, 5, 30, 52}).to(*device_), whole = vae.decode(latents).cpu();
  for (const vae::Cut& cut : {vae::Cut{.chunk_latent_frames = 1}, vae::Cut{.chunk_latent_frames = 2}, vae::Cut{.tile = 28}}) {
    const double off = vae::max_error(vae.decode(latents, cut).cpu(), whole) / whole.abs().max().item<double>();
    std::printf("chunk %d tile %d: largest deviation %.3g of the largest value\n", static_cast<int>(cut.chunk_latent_frames),
                static_cast<int>(cut.tile), off);
    EXPECT_LT(off, 1e-4) << "about 30 convolutions, each with a rounding noise of 2e-6, the largest of millions of values";
  }
}

}  // namespace
}  // namespace wan::memory
