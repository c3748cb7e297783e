#include <gtest/gtest.h>

#include "harness/plan/schedule.h"
#include "tests/support/harness/plan_files.h"

namespace wan::plan {
namespace {

using testing::fake_known;
using testing::SuitesSandbox;

const ModelDefaults kModel{.width = 128, .height = 128, .frames = 17, .steps = 40, .shift = 3, .guidance_low = 3, .guidance_high = 4};

RunPlan plan_of(const SuitesSandbox& files, std::vector<Assignment> assignments) {
  RunInputs inputs = files.inputs();
  inputs.assignments = {{"suite", "small", "--suite"}};
  inputs.assignments.insert(inputs.assignments.end(), assignments.begin(), assignments.end());
  return make_run_plan(load_run_config(inputs, fake_known()), kModel);
}

std::string cells(const RunPlan& plan) {
  std::string text;
  for (const PlannedCell& cell : plan.cells)
    text += plan.configurations[cell.configuration].configuration.id + "/" + plan.prompts[cell.prompt].id + "/" +
            std::to_string(cell.seed) + " ";
  return text;
}

std::string configurations(const RunPlan& plan) {
  std::string text;
  for (const PlannedConfiguration& planned : plan.configurations) text += planned.configuration.id + (planned.judged ? "* " : " ");
  return text;
}

TEST(RunPlan, BaselinesComeBeforeWhatIsComparedWithThem) {
  const SuitesSandbox files;
  const RunPlan plan = plan_of(files, {{"tiers", "2"}});
  EXPECT_EQ(configurations(plan), "bf16 bf16_twin phase0 fp8_ffn* int8* ");
  EXPECT_EQ(cells(plan),
            "bf16/cat/42 bf16/street/42 bf16_twin/cat/42 bf16_twin/street/42 phase0/cat/42 phase0/street/42 "
            "fp8_ffn/cat/42 fp8_ffn/street/42 int8/cat/42 int8/street/42 ");
  EXPECT_EQ(plan.shape,
            (Shape{.width = 128, .height = 128, .frames = 17, .steps = 10, .shift = 3, .guidance_low = 3.0, .guidance_high = 4.0}));
}

TEST(RunPlan, SeedsAreInnermostInTheOrderGiven) {
  const SuitesSandbox files;
  EXPECT_EQ(cells(plan_of(files, {{"configs", "bf16"}, {"seeds", "9,7"}})), "bf16/cat/9 bf16/cat/7 bf16/street/9 bf16/street/7 ");
}

TEST(RunPlan, AskingForABaselineByNameJudgesItOnlyIfItHasABaselineItself) {
  const SuitesSandbox files;
  EXPECT_EQ(configurations(plan_of(files, {{"tiers", "0"}})), "bf16 bf16_twin phase0* ");
  EXPECT_EQ(configurations(plan_of(files, {{"configs", "int8,phase0"}})), "bf16 bf16_twin int8* phase0* ");
}

TEST(RunPlan, FilterKeepsTheBaselinesOfWhatItLeaves) {
  const SuitesSandbox files;
  EXPECT_EQ(cells(plan_of(files, {{"tiers", "2"}, {"filter", "int8 and cat"}})), "bf16/cat/42 bf16_twin/cat/42 int8/cat/42 ");
  EXPECT_EQ(cells(plan_of(files, {{"tiers", "2"}, {"filter", "fp8 and lighting"}})),
            "bf16/street/42 bf16_twin/street/42 phase0/street/42 fp8_ffn/street/42 ");
  EXPECT_EQ(cells(plan_of(files, {{"tiers", "2"}, {"seeds", "all"}, {"filter", "123 and int8 and cat"}})),
            "bf16/cat/123 bf16_twin/cat/123 int8/cat/123 ");
  EXPECT_TRUE(plan_of(files, {{"tiers", "2"}, {"filter", "nothing_like_it"}}).cells.empty());
}

TEST(RunPlan, AConfigurationsOwnGuidanceReachesItsCases) {
  const SuitesSandbox files;
  files.write("tiers/5.toml",
              "schema = 1\nid = \"5\"\n[[configuration]]\nid = \"g1\"\nguidance = 1\nquality_baseline = \"g1\"\nnoise_floor = \"g1\"\n");
  const RunPlan plan = plan_of(files, {{"configs", "g1,bf16"}});
  const CaseContext context{.build_id = "b", .weights_hash = "w", .device_class = "cpu"};
  ASSERT_EQ(configurations(plan), "g1 bf16 ");
  const Case fast = make_case(plan, plan.cells.front(), context), plain = make_case(plan, plan.cells.back(), context);
  EXPECT_EQ(fast.shape.guidance_low, 1.0);
  EXPECT_EQ(fast.shape.guidance_high, 1.0);
  EXPECT_EQ(plain.shape.guidance_high, 4.0);
  EXPECT_EQ(fast.prompt, "A cat");
  EXPECT_EQ(fast.context, context);
}

TEST(Describe, PrintsCellsOrderAndMinutes) {
  const SuitesSandbox files;
  const RunPlan plan = plan_of(files, {{"configs", "int8"}, {"filter", "cat"}});
  EXPECT_EQ(describe(plan, in_plan_order(plan), {.load_s = {{"bf16", 30}}, .clip_s = {{"bf16", 60}, {"int8", 120}}}), R"(tier custom
suite small: 2 prompts, seeds 42
shape: 128x128 pixels, 17 frames, 10 steps, solver from the checkpoint, shift 3, guidance 3 low / 4 high, bfloat16, reference auto
metrics: the default set

  1  bf16          1 cells    1.5 min  baseline   none (the reference path)
  2  bf16_twin     1 cells    unknown  baseline   bf16_twin
  3  int8          1 cells    2.0 min  judged     fa2, tf32, int8_linear(activations=none, convolutions=false, scope=all)

visits in order, in 1 blocks (order seed 0):
    1  bf16       cat seed 42
    1  bf16_twin  cat seed 42
    1  int8       cat seed 42

3 cells, predicted 3.5 min; unknown for 1 of 3 configurations
)");
  EXPECT_NE(describe(plan, in_plan_order(plan), {}).find("3 cells, predicted minutes unknown"), std::string::npos);
}

}  // namespace
}  // namespace wan::plan
