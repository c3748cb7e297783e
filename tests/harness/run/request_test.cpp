#include "harness/run/request.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/base/error.h"
#include "tests/support/harness/fake_executor.h"

namespace wan::run {
namespace {

using testing::small_plan;
using testing::small_request;

TEST(Request, RecordHoldsEveryPlannedCellAsInterrupted) {
  plan::RunPlan plan = small_plan();
  plan.cells.erase(plan.cells.begin() + 1);  // a filter took one baseline's cell
  RunRequest request = small_request();
  request.optimizations = {{.id = "fp8", .summary = "", .kind = OptimizationClass::lossy}};
  const store::RunRecord record = make_record(plan, plan::in_plan_order(plan), request);
  ASSERT_EQ(record.configurations.size(), 3u);
  EXPECT_EQ(record.configurations[0].cells.size(), 2u);
  EXPECT_EQ(record.configurations[2].cells.size(), 3u);
  EXPECT_FALSE(record.configurations[0].judged);
  EXPECT_TRUE(record.configurations[2].judged);
  EXPECT_FALSE(record.configurations[0].kind.has_value());
  EXPECT_EQ(record.configurations[2].kind, OptimizationClass::lossy);
  for (const auto& cell : record.configurations[2].cells) EXPECT_EQ(cell.status, store::CellStatus::interrupted);
  EXPECT_EQ(record.configurations[2].cells[1].prompt, "p1");
}

TEST(Request, ShardsShareThePlansHashAndDivideItsCells) {
  const plan::RunPlan plan = small_plan();
  const store::RunRecord whole = make_record(plan, plan::in_plan_order(plan), small_request());
  EXPECT_EQ(whole.device_class, small_request().device_class);
  const plan::RunPlan part = plan::take_shard(plan, {2, 3}, {});
  const store::RunRecord shard = make_shard_record(whole, part, plan::in_plan_order(part), {2, 3});
  EXPECT_EQ(shard.shard, "2/3");
  EXPECT_EQ(shard.plan_hash, whole.plan_hash);
  for (const auto& configuration : shard.configurations) {
    ASSERT_EQ(configuration.cells.size(), 1u);
    EXPECT_EQ(configuration.cells[0].prompt, "p1");
    EXPECT_EQ(configuration.elsewhere.size(), 2u);
  }
}

TEST(Request, PlanHashFollowsTheRequestAndNothingElse) {
  const std::string hash = make_record(small_plan(), plan::in_plan_order(small_plan()), small_request()).plan_hash;
  RunRequest elsewhere = small_request();
  elsewhere.command = "another spelling";
  elsewhere.environment.started_at = "later";
  EXPECT_EQ(make_record(small_plan(), plan::in_plan_order(small_plan()), elsewhere).plan_hash, hash);
  std::set<std::string> hashes{hash};
  const auto differs = [&](const plan::RunPlan& plan, const RunRequest& request) {
    EXPECT_TRUE(hashes.insert(make_record(plan, plan::in_plan_order(plan), request).plan_hash).second);
  };
  RunRequest request = small_request();
  request.strict = true;
  differs(small_plan(), request);
  request = small_request();
  request.threads = 1;
  differs(small_plan(), request);
  request = small_request();
  request.model = "other";
  differs(small_plan(), request);
  request = small_request();
  request.build_id = "other";
  differs(small_plan(), request);
  request = small_request();
  request.device_class = "other CPU";
  differs(small_plan(), request);
  differs(small_plan(4), small_request());
  differs(small_plan(3, {"psnr"}), small_request());
  plan::RunPlan plan = small_plan();
  plan.configurations[2].configuration.thresholds.min_ssim = 0.9;
  differs(plan, small_request());
  plan = small_plan();
  plan.configurations[2].shape.guidance_low = 1.0;
  differs(plan, small_request());
}

TEST(Request, GenerationCarriesTheConfigurationsShape) {
  plan::RunPlan plan = small_plan();
  plan.configurations[2].shape.guidance_low = plan.configurations[2].shape.guidance_high = 1.0;
  plan.configurations[2].shape.solver = "euler";
  plan.prompts[1].negative = "blurry";
  const GenerationRequest request = make_generation_request(plan, {.configuration = 2, .prompt = 1, .seed = 7}, small_request());
  EXPECT_EQ(request.prompt, "prompt number 1");
  EXPECT_EQ(request.negative_prompt, "blurry");
  EXPECT_EQ(request.seed, 7u);
  EXPECT_EQ(request.frames, 5);
  EXPECT_EQ(request.steps, 4);
  EXPECT_EQ(request.guidance_low, 1.0);
  EXPECT_EQ(request.solver, Solver::euler);
  EXPECT_FALSE(request.solver_from_checkpoint);
  const GenerationRequest baseline = make_generation_request(plan, {.configuration = 0, .prompt = 0, .seed = 7}, small_request());
  EXPECT_TRUE(baseline.solver_from_checkpoint);
  EXPECT_FALSE(baseline.negative_prompt.has_value());
  EXPECT_EQ(baseline.guidance_low, 3.0);
}

TEST(Request, KeyChangesWithWeights) {
  const plan::RunPlan plan = small_plan();
  EXPECT_NE(cell_key(plan, plan.cells[0], small_request(), "a"), cell_key(plan, plan.cells[0], small_request(), "b"));
  EXPECT_NE(cell_key(plan, plan.cells[0], small_request(), "a"), cell_key(plan, plan.cells[1], small_request(), "a"));
  EXPECT_EQ(cell_key(plan, plan.cells[0], small_request(), "a"), cell_key(plan, plan.cells[3], small_request(), "a"))
      << "bf16 and phase0 of this plan have the same (empty) list, so the same pixels";
}

TEST(Request, UnknownWordsOfAShapeAreUsageErrors) {
  plan::RunPlan plan = small_plan();
  plan.configurations[0].shape.precision = "float4";
  EXPECT_THROW(make_load_request(plan.configurations[0], small_request()), UsageError);
  plan.configurations[0].shape.solver = "guess";
  EXPECT_THROW(make_generation_request(plan, plan.cells[0], small_request()), UsageError);
}

}  // namespace
}  // namespace wan::run
