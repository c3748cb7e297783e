// Predicted peaks against the tensors that the code really holds, counted by LibTorch's own allocator (runtime/memory_meter.h).
#include "engine/memory/activations.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "engine/model/tensor_table.h"
#include "engine/model/transformer.h"
#include "engine/runtime/memory_meter.h"
#include "engine/text/umt5.h"
#include "engine/vae/clip.h"
#include "tests/engine/vae/fixtures.h"

namespace wan::memory {
namespace {

// The roadmap's promise.
constexpr double kTolerance = 0.05;

void expect_near(std::int64_t predicted, std::int64_t measured) {
  EXPECT_NEAR(static_cast<double>(predicted) / static_cast<double>(measured), 1.0, kTolerance)
      << "predicted " << predicted << ", measured " << measured;
}

Arithmetic arithmetic(at::ScalarType dtype) {
  return {.element_bytes = static_cast<std::int64_t>(c10::elementSize(dtype)), .threads = at::get_num_threads()};
}

template <typename Work>
std::int64_t measure(const Work& work) {
  const c10::InferenceMode inference;
  const runtime::MemoryMeter meter;
  const runtime::MemoryMeter::Scope scope(meter);
  work();
  return meter.peak_bytes();
}

struct DecodeCase {
  const char* name;
  bool residual;
  std::int64_t base, frames, rows, columns;
  vae::Cut cut;
};

class Decoding : public ::testing::TestWithParam<DecodeCase> {};

TEST_P(Decoding, PeakIsPredicted) {
  const DecodeCase& c = GetParam();
  vae::VaeConfig config{.base_dim = c.base, .decoder_base_dim = c.base};
  config.latents_mean.assign(16, 0.1);
  config.latents_std.assign(16, 1.5);
  if (c.residual) config.is_residual = true, config.patch_size = 2, config.in_channels = config.out_channels = 12;
  const vae::Vae vae(config, vae::make_weights(config), test::shared_reference_seams());
  const std::int64_t scale = config.spatial_factor();
  const std::int64_t measured = measure([&] {
    const at::Tensor latents = vae::waves({1, 16, c.frames, c.rows, c.columns});
    vae::ClipAssembler clip(config.frames(c.frames), c.rows * scale, c.columns * scale, 16);
    vae.decode(latents, c.cut, [&](const vae::Piece& piece) { clip.add(piece); });
  });
  expect_near(decoding(config, {.frames = c.frames, .rows = c.rows, .columns = c.columns}, c.cut, arithmetic(at::kFloat)).bytes, measured);
}

INSTANTIATE_TEST_SUITE_P(Shapes, Decoding,
                         ::testing::Values(DecodeCase{"whole", false, 16, 3, 12, 20, {}}, DecodeCase{"one_frame", false, 16, 1, 12, 20, {}},
                                           DecodeCase{"chunks_of_1", false, 16, 4, 12, 20, {.chunk_latent_frames = 1}},
                                           DecodeCase{"chunks_of_2", false, 16, 5, 12, 20, {.chunk_latent_frames = 2}},
                                           DecodeCase{"wide", false, 48, 3, 8, 10, {}},
                                           DecodeCase{"tiles", false, 8, 3, 20, 44, {.tile = 24}},
                                           DecodeCase{"tiles_in_chunks", false, 8, 3, 20, 44, {.chunk_latent_frames = 1, .tile = 24}},
                                           DecodeCase{"residual_whole", true, 16, 3, 12, 20, {}},
                                           DecodeCase{"residual_chunks_of_1", true, 16, 4, 12, 20, {.chunk_latent_frames = 1}},
                                           DecodeCase{"residual_tiles", true, 8, 2, 20, 44, {.chunk_latent_frames = 1, .tile = 24}}),
                         [](const auto& info) { return std::string(info.param.name); });

struct DiffusionCase {
  const char* name;
  model::TransformerConfig config;
  std::int64_t frames, rows, columns;
  at::ScalarType dtype;
};

class Diffusion : public ::testing::TestWithParam<DiffusionCase> {};

// One expert and no loop: the keys and values of both prompts, then the second forward of a step.
TEST_P(Diffusion, PeakOfAForwardIsPredicted) {
  const DiffusionCase& c = GetParam();
  const auto weights =
      checkpoint::random_weights(model::transformer_tensors(c.config), {.dtype = c.dtype, .keep_float32 = model::keep_float32}, 1);
  const model::Transformer transformer(c.config, weights, Part::high_noise, test::shared_reference_seams());
  const std::int64_t measured = measure([&] {
    const at::Tensor noise = vae::waves({1, 16, c.frames, c.rows, c.columns}), latents = noise.clone();
    const auto rope = transformer.prepare_rope(noise.sizes());
    const at::Tensor prompt = vae::waves({1, 100, c.config.text_dim}, c.dtype), negative = vae::waves({1, 3, c.config.text_dim}, c.dtype);
    const auto positive = transformer.prepare_text(prompt);
    const auto other = transformer.prepare_text(negative);
    const auto time = transformer.prepare_time(std::vector<double>{900.0});
    const at::Tensor v = transformer.forward(latents, time, positive, rope, nullptr);
    transformer.forward(latents, time, other, rope, nullptr);
  });
  const Workload workload{
      .frames = c.frames, .rows = c.rows, .columns = c.columns, .prompt_tokens = 100, .negative_tokens = 3, .solver = Solver::euler};
  expect_near(diffusion_bytes(c.config, 1, workload, arithmetic(c.dtype)), measured);
}

const model::TransformerConfig kNarrow{.heads = 4, .head_dim = 32, .ffn_dim = 512, .layers = 3, .text_dim = 64};
const model::TransformerConfig kWide{.heads = 6, .head_dim = 128, .ffn_dim = 4480, .layers = 2, .text_dim = 256};

INSTANTIATE_TEST_SUITE_P(Shapes, Diffusion,
                         ::testing::Values(DiffusionCase{"small_bf16", kNarrow, 5, 16, 16, at::kBFloat16},
                                           DiffusionCase{"small_f32", kNarrow, 5, 16, 16, at::kFloat},
                                           DiffusionCase{"long_bf16", kNarrow, 9, 40, 40, at::kBFloat16},
                                           DiffusionCase{"wide_bf16", kWide, 3, 30, 40, at::kBFloat16},
                                           DiffusionCase{"wide_f32", kWide, 3, 30, 40, at::kFloat}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Encoding, PeakIsPredicted) {
  const text::Umt5Config config{.vocabulary = 500, .d_model = 256, .heads = 8, .d_kv = 32, .d_ff = 640, .layers = 2};
  for (const auto dtype : {at::kBFloat16, at::kFloat}) {
    const text::TextEncoder encoder(config, checkpoint::random_weights(text::umt5_tensors(config), {.dtype = dtype}, 1),
                                    test::shared_reference_seams());
    for (const std::size_t tokens : {100U, 200U, 512U}) {
      const std::vector<std::int64_t> ids(tokens, 3);
      SCOPED_TRACE(::testing::Message() << tokens << " tokens of " << c10::elementSize(dtype) << " bytes");
      expect_near(encoding_bytes(config, static_cast<std::int64_t>(tokens), arithmetic(dtype)), measure([&] { encoder.encode(ids); }));
    }
  }
}

TEST(Activations, GrowAsTheirPartsDo) {
  const Workload one{.frames = 21, .rows = 90, .columns = 160}, two{.frames = 42, .rows = 90, .columns = 160};
  const model::TransformerConfig a14b;
  const double ratio = static_cast<double>(diffusion_bytes(a14b, 2, two, {.cuda = true})) /
                       static_cast<double>(diffusion_bytes(a14b, 2, one, {.cuda = true}));
  EXPECT_GT(ratio, 1.5);
  EXPECT_LT(ratio, 2.0);
  const vae::VaeConfig vae{.latents_mean = {}, .latents_std = {}};
  std::int64_t before = 0;
  for (const std::int64_t chunk : {1, 2, 4, 8, 21}) {
    const std::int64_t bytes = decoding(vae, one, {.chunk_latent_frames = chunk}, {.cuda = true}).bytes;
    EXPECT_GT(bytes, before);
    before = bytes;
  }
  // The last stage's input, enlarged and not yet halved in channels.
  EXPECT_EQ(decoding(vae, one, {}, {.cuda = true}).largest_tensor, 192 * (4 * (one.frames - 1) + 1) * 64 * one.rows * one.columns);
  EXPECT_LT(decoding(vae, one, {.chunk_latent_frames = 1, .tile = 48}, {.cuda = true}).bytes,
            decoding(vae, one, {.chunk_latent_frames = 1}, {.cuda = true}).bytes / 3);
}

}  // namespace
}  // namespace wan::memory
