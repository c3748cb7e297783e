// The decoder against videos, and the encoder against latents, that diffusers made from the same weights.
#include "engine/vae/clip.h"
#include "tests/engine/vae/fixtures.h"

namespace wan::vae {
namespace {

class Oracle : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    folder_ = test::oracle_case(GetParam());
    if (folder_.empty()) GTEST_SKIP() << "no oracle";
    config_ = read_vae_config(folder_ / "diffusers/vae/config.json");
    const auto source = checkpoint::open_safetensors(folder_ / "diffusers/vae", "diffusion_pytorch_model", checkpoint::Layout::diffusers);
    weights_ = checkpoint::load_weights(source, tensor_table(config_), {.dtype = at::kFloat});
  }

  std::filesystem::path folder_;
  VaeConfig config_;
  checkpoint::Weights weights_;
  std::shared_ptr<const Seams> seams_ = test::shared_reference_seams();
};

// Both sides compute in float32, in another order of sums. About 30 convolutions in a row, each with a relative rounding noise of some
// eps * sqrt(terms) = 1.2e-7 * sqrt(27 * 12) = 2e-6, give 1e-5 in quadrature; the largest of 10^5 such deviations is 4.5 times that, and
// the two sides deviate independently: 1e-5 * 4.5 * sqrt(2). That is a sixtieth of a byte's step.
constexpr double kFloat32Noise = 6.5e-5;

TEST_P(Oracle, DecodesTheLatentsToTheSameVideo) {
  const Vae vae(config_, weights_, seams_);
  const at::Tensor latents = test::read_tensor(folder_ / "expected.safetensors", "latents").unsqueeze(0);
  const at::Tensor expected = test::read_tensor(folder_ / "expected.safetensors", "video_float");  // [F, H, W, 3]
  for (const std::int64_t chunk : {kWholeSequence, std::int64_t{1}, std::int64_t{2}}) {
    const at::Tensor video =
        vae.decode(latents, {.chunk_latent_frames = chunk}).clamp(-1, 1).add(1).div(2).select(0, 0).permute({1, 2, 3, 0});
    EXPECT_LT(max_error(video, expected), kFloat32Noise) << "chunk " << chunk;
    EXPECT_GT(psnr_db(video, expected), 90) << "chunk " << chunk;
  }
}

TEST_P(Oracle, BytesAreTheOraclesButForRoundingAtTheEdges) {
  const Vae vae(config_, weights_, seams_);
  const at::Tensor latents = test::read_tensor(folder_ / "expected.safetensors", "latents").unsqueeze(0);
  const VideoClip clip = to_clip(vae.decode(latents).select(0, 0), 16);
  const at::Tensor expected = test::read_tensor(folder_ / "expected.safetensors", "video").contiguous();
  ASSERT_EQ((std::vector<std::int64_t>{clip.frames, clip.height, clip.width, 3}), expected.sizes().vec());
  ASSERT_EQ(static_cast<std::int64_t>(clip.rgb.size()), expected.numel());
  EXPECT_EQ(clip.nonfinite_values, 0);
  const auto* bytes = expected.const_data_ptr<std::uint8_t>();
  std::int64_t different = 0;
  for (std::size_t i = 0; i < clip.rgb.size(); ++i) {
    ASSERT_LE(std::abs(clip.rgb[i] - bytes[i]), 1) << "byte " << i;
    different += clip.rgb[i] != bytes[i];
  }
  // Truncation turns a difference of kFloat32Noise into another byte where a value lies that near to a step: 255 * 2 * 6.5e-5 = 3.3 % at
  // most.
  EXPECT_LT(different, expected.numel() / 30);
}

TEST_P(Oracle, EncodesAVideoToTheSameLatents) {
  const auto golden = std::filesystem::path(WAN_TEST_DATA) / "vae/encoded.safetensors";
  const Vae vae(config_, weights_, seams_);
  const at::Tensor video = test::read_tensor(golden, "video").to(at::kFloat).div(127.5).sub(1).unsqueeze(0);  // [1, 3, F, H, W]
  const at::Tensor expected = test::read_tensor(golden, std::string(GetParam()) + ".latents").unsqueeze(0);
  // Dividing by a deviation as small as 0.35 enlarges the noise; latents reach magnitudes of some units.
  const double tolerance = 4 * kFloat32Noise * std::max(1.0, expected.abs().max().item<double>());
  for (const std::int64_t chunk : {kWholeSequence, std::int64_t{1}}) EXPECT_LT(max_error(vae.encode(video, chunk), expected), tolerance);
}

INSTANTIATE_TEST_SUITE_P(Vae, Oracle, testing::Values("t2v_two_experts_dev", "t2v_single_expert_dev", "ti2v_dev"));

}  // namespace
}  // namespace wan::vae
