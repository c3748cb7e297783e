// Denoising steps that are timed without a clip.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/sha256.h"
#include "engine/generator.h"
#include "tests/support/engine/tensors.h"

namespace wan {
namespace {

std::string tiny_model() { return std::string(WAN_BINARY_DIR) + "/share/wan-eval/models/wan-tiny"; }

// A short clip of wan-tiny: both experts run.
GenerationRequest tiny_request() {
  return {.prompt = "A cat sitting on a chair", .width = 64, .height = 48, .frames = 5, .steps = 4, .seed = 42, .keep_latents = true};
}

TEST(TimedSteps, AreTheFirstOfEachExpertAndNoClipIsDecoded) {
  Generator generator({.checkpoint_dir = tiny_model()});
  const auto clip = generator.generate(tiny_request());
  std::vector<std::pair<std::int64_t, std::int64_t>> seen;
  const auto timed = generator.time_steps(tiny_request(), 1, [&](std::int64_t done, std::int64_t total) {
    seen.emplace_back(done, total);
    return true;
  });
  EXPECT_EQ(seen, (std::vector<std::pair<std::int64_t, std::int64_t>>{{1, 2}, {2, 2}}));
  EXPECT_EQ(timed.stages.step_s.size(), 2U);
  EXPECT_EQ(timed.stages.high_noise_steps, 1);
  EXPECT_EQ(timed.clip_high_noise_steps, clip.stages.high_noise_steps);
  EXPECT_EQ(timed.clip_high_noise_steps + timed.clip_low_noise_steps, 4);
  EXPECT_EQ(timed.transformer_forwards, 4) << "guidance as in a clip";
  ASSERT_EQ(timed.stages.stages.size(), 2U);
  EXPECT_EQ(timed.stages.stages[1].name, "diffusion_loop");
  EXPECT_EQ(timed.stages.stage_s("vae_decode"), 0.0);
  EXPECT_LE(timed.stages.step_s[0] + timed.stages.step_s[1], timed.stages.stage_s("diffusion_loop"));
  ASSERT_EQ(timed.memory.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(timed.memory[i].predicted_bytes, clip.memory[i].predicted_bytes);
  EXPECT_GT(timed.peak_bytes, 0);
  EXPECT_EQ(timed.nonfinite_latents, 0);
}

TEST(TimedSteps, AreAClipsOwnWhenAllOfThemAreAskedForAndTheSameEveryTime) {
  Generator generator({.checkpoint_dir = tiny_model()});
  const auto clip = generator.generate(tiny_request());
  const std::string latents(reinterpret_cast<const char*>(clip.latents.values.data()), clip.latents.values.size() * sizeof(float));
  EXPECT_EQ(generator.time_steps(tiny_request(), 100).latents_hash, sha256_hex(latents));
  const auto some = generator.time_steps(tiny_request(), 1);
  EXPECT_NE(some.latents_hash, sha256_hex(latents));
  EXPECT_EQ(generator.time_steps(tiny_request(), 1).latents_hash, some.latents_hash);
  auto other = tiny_request();
  other.seed = 43;
  EXPECT_NE(generator.time_steps(other, 1).latents_hash, some.latents_hash);
  EXPECT_EQ(generator.generate(tiny_request()).latents.values, clip.latents.values) << "nothing stays behind";
  EXPECT_THROW(generator.time_steps(tiny_request(), 0), UsageError);
  EXPECT_THROW(generator.time_steps(tiny_request(), 1, [](auto, auto) { return false; }), Cancelled);
}

TEST(TimedSteps, OfAModelWithOneExpertAreItsFirst) {
  const auto root = test::oracle_case("t2v_single_expert_dev", "diffusers");
  if (root.empty()) GTEST_SKIP() << "the oracle case is not here";
  Generator generator({.checkpoint_dir = (root / "diffusers").string()});
  const auto timed = generator.time_steps({.prompt = "a kite", .width = 32, .height = 32, .frames = 1, .steps = 5, .seed = 1}, 2);
  EXPECT_EQ(timed.stages.step_s.size(), 2U);
  EXPECT_EQ(timed.stages.high_noise_steps, 2);
  EXPECT_EQ(timed.clip_high_noise_steps, 5);
  EXPECT_EQ(timed.clip_low_noise_steps, 0);
}

}  // namespace
}  // namespace wan
