#include "harness/baseline/floor_of_run.h"

#include <gtest/gtest.h>

#include "harness/baseline/propose.h"
#include "harness/store/record_text.h"
#include "tests/support/harness/records.h"

namespace wan::baseline {
namespace {

Baseline promoted_from(const store::RunRecord& run) {
  return {.machine_class = store::machine_class(run.environment),
          .plan_hash = "plan",
          .tier = run.tier_id,
          .suite = run.suite_id,
          .model = run.model,
          .shape = store::shape_text(run.shape),
          .floors = calibrate(run)};
}

TEST(FloorsOfRun, OfTheSameWorkAreTakenWithNightsAndWeights) {
  store::RunRecord run = wan::testing::good_run();
  run.weights_hash = "weights";
  run.environment.started_at = "2026-01-01T00:00:00Z";
  const FloorsOfRun found = floors_of_run(promoted_from(run), run);
  EXPECT_EQ(found.why_none, "");
  ASSERT_EQ(found.floors.size(), 1U);
  EXPECT_EQ(found.floors[0].configuration, "bf16_twin");
  EXPECT_EQ(found.floors[0].nights, 1);
  EXPECT_EQ(found.floors[0].date, "2026-01-01T00:00:00Z");
  EXPECT_EQ(found.floors[0].weights_hash, "weights");
  EXPECT_EQ(found.floors[0].distances.size(), 3U);
  store::RunRecord fewer = run;
  fewer.prompts.pop_back();
  EXPECT_EQ(floors_of_run(promoted_from(run), fewer).floors.size(), 1U) << "a part of the suite";
}

TEST(FloorsOfRun, OfOtherWorkAreRefusedWithEveryMismatch) {
  const store::RunRecord run = wan::testing::good_run();
  const Baseline promoted = promoted_from(run);
  store::RunRecord other = run;
  other.model = "elsewhere";
  other.suite_id = "twelve";
  const FloorsOfRun found = floors_of_run(promoted, other);
  EXPECT_TRUE(found.floors.empty());
  EXPECT_EQ(found.why_none, "model  there, elsewhere here; suite six there, twelve here");
  store::RunRecord more = run;
  more.prompts.push_back({.id = "p7", .category = "nature", .text = "a hill"});
  EXPECT_EQ(floors_of_run(promoted, more).why_none, "bf16_twin has no distance of p7");
  Baseline never = promoted;
  never.floors.clear();
  EXPECT_EQ(floors_of_run(never, run).why_none, "it was never calibrated");
}

}  // namespace
}  // namespace wan::baseline
