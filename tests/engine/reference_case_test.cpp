#include "tests/support/engine/reference_case.h"

#include <ATen/ops/from_blob.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/generator.h"
#include "engine/runtime/tensor.h"
#include "tests/support/engine/tensors.h"

namespace wan {
namespace {

GenerationRequest request_of(const nlohmann::json& arguments, const std::string& noise_file) {
  return {.prompt = arguments.at("prompt"),
          .negative_prompt = arguments.at("negative_prompt").get<std::string>(),
          .width = arguments.at("width"),
          .height = arguments.at("height"),
          .frames = arguments.at("frames"),
          .steps = arguments.at("steps"),
          .guidance_low = arguments.at("guidance_low").get<double>(),
          .guidance_high = arguments.at("guidance_high").get<double>(),
          .noise_file = noise_file,
          .keep_latents = true};
}

double psnr(const VideoClip& clip, const at::Tensor& expected) {
  const at::Tensor mine =
      at::from_blob(const_cast<std::uint8_t*>(clip.rgb.data()), {clip.frames, clip.height, clip.width, 3}, at::TensorOptions(at::kByte));
  if (mine.sizes() != expected.sizes()) return 0;
  const double mse = (mine.to(at::kDouble) - expected.to(at::kDouble)).square().mean().item<double>();
  return mse == 0 ? INFINITY : 10.0 * std::log10(255.0 * 255.0 / mse);
}

class ReferenceCaseTest : public ::testing::TestWithParam<std::filesystem::path> {};

// Solver, shift and options come from the checkpoint's own scheduler config. 5e-5: the references' noise between library versions is 8e-6,
// ten guided steps and another summation order stay within six times that. 60 dB: truncation to bytes turns such noise into few single
// levels.
TEST_P(ReferenceCaseTest, EqualsDiffusersInFloat32) {
  const test::ReferenceCase reference(GetParam());
  Generator generator({.checkpoint_dir = reference.checkpoint.string(), .precision = Precision::float32});
  const auto noise = reference.checkpoint / "noise.safetensors";
  test::write_tensor(noise, "noise", test::read_tensor(reference.expected, "noise"));
  const auto result = generator.generate(request_of(reference.arguments(), noise.string()));
  const at::Tensor latents =
      at::from_blob(const_cast<float*>(result.latents.values.data()), result.latents.shape, at::TensorOptions(at::kFloat));
  EXPECT_LT(test::relative_l2(latents, test::read_tensor(reference.expected, "latents")), 5e-5);
  EXPECT_GE(psnr(result.clip, test::read_tensor(reference.expected, "video")), 60.0);
  EXPECT_EQ(result.transformer_forwards, reference.arguments().at("forwards").get<std::int64_t>());
}

std::vector<std::filesystem::path> cases_with_trajectory() {
  auto cases = test::reference_cases();
  std::erase_if(cases, [](const auto& folder) { return !std::filesystem::exists(folder / "trajectory.safetensors"); });
  return cases;
}

std::string name_of(const ::testing::TestParamInfo<std::filesystem::path>& info) { return info.param.filename().string(); }

INSTANTIATE_TEST_SUITE_P(Cases, ReferenceCaseTest, ::testing::ValuesIn(test::reference_cases()), name_of);

class ReferenceTrajectory : public ::testing::TestWithParam<std::filesystem::path> {};

// Teacher-forced: the engine in bfloat16 is driven along the reference's float32 trajectory. Its error at each step may be 1.1 times that
// of the reference's own bfloat16, which rounds the residual stream and guidance where the engine keeps float32.
TEST_P(ReferenceTrajectory, Bfloat16IsAsCloseAsTheReferencesOwn) {
  const test::ReferenceCase reference(GetParam());
  Generator generator({.checkpoint_dir = reference.checkpoint.string(), .precision = Precision::bfloat16});
  const auto replay = generator.replay(request_of(reference.arguments(), ""), (GetParam() / "trajectory.safetensors").string());
  const auto bounds = reference.arguments().at("bf16_errors").get<std::vector<double>>();
  ASSERT_EQ(replay.steps.size(), bounds.size());
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    EXPECT_LE(replay.steps[i].relative_l2, 1.1 * bounds[i]) << "step " << i;
    RecordProperty("step_" + std::to_string(i), std::to_string(replay.steps[i].relative_l2 / bounds[i]));
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, ReferenceTrajectory, ::testing::ValuesIn(cases_with_trajectory()), name_of);

}  // namespace
}  // namespace wan
