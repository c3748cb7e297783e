#include "engine/trajectory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/error.h"
#include "engine/generator.h"
#include "engine/runtime/tensor.h"
#include "tests/support/engine/tensors.h"

namespace wan {
namespace {

using ::testing::HasSubstr;

class Replay : public ::testing::Test {
 protected:
  static Generator generator(std::vector<OptimizationChoice> optimizations = {}) {
    return Generator(
        {.checkpoint_dir = std::string(WAN_BINARY_DIR) + "/share/wan-eval/models/wan-tiny", .optimizations = std::move(optimizations)});
  }
  static GenerationRequest request() {
    return {.prompt = "A cat sitting on a chair", .width = 64, .height = 48, .frames = 5, .steps = 4, .seed = 42};
  }
  ~Replay() override { std::filesystem::remove(file_); }

  const std::string file_ =
      ::testing::TempDir() + "trajectory_" + ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".safetensors";
};

// The same model on its own trajectory makes the same operations on the same numbers.
TEST_F(Replay, OnOnesOwnTrajectoryThereIsNoError) {
  Generator reference = generator();
  auto recorded = request();
  recorded.trajectory_file = file_;
  recorded.keep_latents = true;
  const auto clip = reference.generate(recorded);
  EXPECT_TRUE(clip.fallbacks.empty());
  const auto trajectory = Trajectory::read(file_);
  ASSERT_EQ(trajectory.latents.sizes(), (std::vector<std::int64_t>{4, 16, 2, 6, 8}));
  EXPECT_EQ(trajectory.low_noise.front(), false);
  EXPECT_EQ(trajectory.low_noise.back(), true) << "wan-tiny's schedule ends with its low-noise expert";
  const auto replay = reference.replay(request(), file_);
  ASSERT_EQ(replay.steps.size(), 4U);
  EXPECT_EQ(replay.transformer_forwards, 8);
  for (const auto& step : replay.steps) {
    EXPECT_EQ(step.relative_l2, 0.0);
    EXPECT_NEAR(step.cosine, 1.0, 1e-12);
    EXPECT_EQ(step.low_noise, trajectory.low_noise[static_cast<std::size_t>(step.step)]);
  }
}

TEST_F(Replay, RecordingChangesNothing) {
  Generator one = generator();
  auto recorded = request();
  recorded.trajectory_file = file_;
  EXPECT_EQ(one.generate(recorded).clip.content_hash(), one.generate(request()).clip.content_hash());
}

// The first step starts at the same noise either way: there the error is the difference of two velocities at one latent, which the test
// takes from the candidate's own trajectory.
TEST_F(Replay, ErrorIsThatOfTheVelocitiesAtTheSameLatents) {
  auto recorded = request();
  recorded.trajectory_file = file_;
  generator().generate(recorded);
  const auto teacher = Trajectory::read(file_);
  Generator candidate = generator({{.id = "fp8_linear", .parameters = {{"scope", std::string("full")}}}});
  const auto replay = candidate.replay(request(), file_);
  const std::string own_file = file_ + ".own";
  recorded.trajectory_file = own_file;
  candidate.generate(recorded);
  const auto own = Trajectory::read(own_file);
  std::filesystem::remove(own_file);
  EXPECT_NEAR(replay.steps[0].relative_l2, test::relative_l2(own.velocity[0], teacher.velocity[0]), 1e-9);
  for (const auto& step : replay.steps) {
    EXPECT_GT(step.relative_l2, 0.0);
    EXPECT_LT(step.relative_l2, 0.3) << "the bound of fp8_linear's promise";
    EXPECT_LT(step.cosine, 1.0);
  }
}

TEST_F(Replay, RefusesAnotherSchedule) {
  Generator reference = generator();
  auto recorded = request();
  recorded.trajectory_file = file_;
  reference.generate(recorded);
  const auto refusal = [&](auto change) -> std::string {
    auto other = request();
    change(other);
    try {
      reference.replay(other, file_);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal([](auto& r) { r.steps = 3; }), HasSubstr("4 steps of [16, 2, 6, 8] is on record, the request has 3 steps"));
  EXPECT_THAT(refusal([](auto& r) { r.width = 48; }), HasSubstr("[16, 2, 6, 6]"));
  EXPECT_THAT(refusal([](auto& r) { r.shift = 4; }), HasSubstr("or other timesteps"));
}

TEST_F(Replay, FaultyFilesAreNamed) {
  test::write_tensor(file_, "latents", test::random_tensor({2, 3}, 1));
  try {
    Trajectory::read(file_);
    ADD_FAILURE() << "accepted";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("`latents` must be F32 [N, C, T, h, w], found F32 [2, 3]"));
  }
}

TEST_F(Replay, ClipSurvivesATrajectoryThatCannotBeWritten) {
  auto recorded = request();
  recorded.trajectory_file = "/nonexistent/trajectory.safetensors";
  const auto result = generator().generate(recorded);
  EXPECT_EQ(result.clip.frames, 5);
  ASSERT_EQ(result.fallbacks.size(), 1U);
  EXPECT_THAT(result.fallbacks[0], HasSubstr("the trajectory was not kept: /nonexistent"));
}

}  // namespace
}  // namespace wan
