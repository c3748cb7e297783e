#include <gtest/gtest.h>

#include "harness/plan/optimization_list.h"
#include "harness/plan/parse.h"
#include "tests/support/harness/plan_files.h"

namespace wan::plan {
namespace {

using testing::fake_known;
using testing::SuitesSandbox;
using testing::usage_error;

class Stacking : public ::testing::Test {
 protected:
  Stacking() {
    files_.write("tiers/5.toml", R"(schema = 1
id = "5"
[[configuration]]
id = "twin_g1"
optimizations = ["bf16_twin"]
guidance = 1
quality_baseline = "base_g1"
noise_floor = "twin_g1"
[[configuration]]
id = "base_g1"
guidance = 1
quality_baseline = "base_g1"
noise_floor = "twin_g1"
[[configuration]]
id = "fast"
base = "phase0"
guidance = 1
quality_baseline = "base_g1"
noise_floor = "twin_g1"
benefit = "speed"
claim = 1.9
thresholds = { min_ssim = 0.9, max_lpips = 0.01, min_speedup = 1.5 }
[[configuration]]
id = "fp8_full"
optimizations = [{ id = "fp8_linear", scope = "full" }]
[[configuration]]
id = "math"
optimizations = ["math_attention"]
)");
  }

  RunConfig load(const std::string& id) const {
    RunInputs inputs = files_.inputs();
    inputs.assignments = {{"suite", "small", "--suite"}, {"configs", id, "--config"}};
    return load_run_config(inputs, fake_known());
  }
  std::string fault(const std::string& id) const {
    return usage_error(files_.root(), [&] { load(id); });
  }

  SuitesSandbox files_;
};

TEST_F(Stacking, ConcatenatesListsAndKeepsSharedPartsOnce) {
  const Configuration stack = load("fp8_ffn+int8").selected.at(0);
  EXPECT_EQ(stack.id, "fp8_ffn+int8");
  std::string list;
  for (const OptimizationChoice& choice : stack.optimizations) list += describe_choice(choice) + " ";
  EXPECT_EQ(list,
            "fa2 tf32 fp8_linear(granularity=per_tensor, scope=ffn) nan_guard "
            "int8_linear(activations=none, convolutions=false, scope=all) ");
  EXPECT_EQ(stack.benefit, Benefit::speed);
}

TEST_F(Stacking, TakesTheStricterBoundTheSpecialBaselineAndNoClaim) {
  const RunConfig config = load("int8+fast");
  const Configuration& stack = config.selected.at(0);
  EXPECT_EQ(stack.thresholds.min_ssim, 0.95);
  EXPECT_EQ(stack.thresholds.max_lpips, 0.01);
  EXPECT_EQ(stack.thresholds.min_speedup, 1.5);
  EXPECT_EQ(stack.quality_baseline, "base_g1");
  EXPECT_EQ(stack.noise_floor, "twin_g1");
  EXPECT_EQ(stack.guidance, 1.0);
  EXPECT_FALSE(stack.claim);
  ASSERT_EQ(config.baselines.size(), 3u);
  EXPECT_EQ(config.baselines[0].id, "base_g1");
}

TEST_F(Stacking, SameOptimisationWithOtherParametersIsAFault) {
  EXPECT_EQ(fault("fp8_ffn+fp8_full"),
            "--config: 'fp8_linear' is asked for twice with different parameters: fp8_linear(granularity=per_tensor, scope=ffn) and "
            "fp8_linear(granularity=per_tensor, scope=full)");
}

TEST_F(Stacking, ReplacingASeamThatAnotherFilledIsAFault) {
  EXPECT_EQ(fault("phase0+math"),
            "--config: 'math_attention' would replace what 'fa2' puts into the seam 'attention': they do not stack in this order");
}

TEST_F(Stacking, UnknownOrEmptyPartIsAFault) {
  EXPECT_EQ(fault("fp8_ffn+phase1"), "--config: unknown configuration 'phase1'; did you mean 'phase0'?");
  EXPECT_NE(fault("fp8_ffn+").find("unknown configuration ''"), std::string::npos);
}

TEST(Linking, CirclesAndDuplicatesAndUnknownBasesAreFaults) {
  const SuitesSandbox files;
  const auto path = files.write("tiers/9.toml", R"(schema = 1
id = "9"
[[configuration]]
id = "a"
base = "b"
[[configuration]]
id = "b"
base = "a"
[[configuration]]
id = "c"
base = "phase9"
[[configuration]]
id = "a"
[[configuration]]
id = "phase0"
)");
  EXPECT_EQ(usage_error(files.root(), [&] { load_tier(path, fake_known()); }), R"(tiers/9.toml:5:8: the bases of 'a' go round in a circle
tiers/9.toml:8:8: the bases of 'b' go round in a circle
tiers/9.toml:11:8: unknown configuration 'phase9'; did you mean 'phase0'?
tiers/9.toml:13:6: configuration 'a' is already defined at tiers/9.toml:4:6
tiers/0.toml:10:6: configuration 'phase0' is already defined at tiers/9.toml:15:6)");
}

}  // namespace
}  // namespace wan::plan
