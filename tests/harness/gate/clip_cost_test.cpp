#include "harness/gate/clip_cost.h"

#include <gtest/gtest.h>

#include <cmath>

#include "harness/cli/cost_text.h"
#include "harness/gate/judge.h"
#include "tests/support/harness/records.h"

namespace wan::gate {
namespace {

using testing::candidate;
using testing::good_run;

ClipCost cost_of(const store::RunRecord& run, const std::string& id, const CostBasis& basis) {
  const auto verdicts = judge(run);
  for (auto& cost : clip_costs(run, verdicts, basis))
    if (cost.configuration == id) return cost;
  throw std::logic_error(id);
}

// phase0 takes 1 s, fast 0.5 s; at 7200 an hour a second costs 2.
TEST(ClipCost, SavingAndBreakEvenInClosedForm) {
  const store::RunRecord run = good_run();
  const ClipCost fast = cost_of(run, "fast", {.price_per_hour = 7200, .development_cost = 10});
  EXPECT_DOUBLE_EQ(*fast.gpu_s, 0.5);
  EXPECT_DOUBLE_EQ(*fast.money, 1);
  EXPECT_EQ(fast.baseline, "phase0");
  EXPECT_NEAR(*fast.saved_money, 1, 1e-12);
  EXPECT_NEAR(fast.saved_interval->low, 1, 1e-12);
  EXPECT_EQ(fast.break_even, 10);
  EXPECT_EQ(fast.break_even_low, 10);
  EXPECT_EQ(fast.break_even_high, 10);
  const ClipCost phase0 = cost_of(run, "phase0", {.price_per_hour = 7200});
  EXPECT_DOUBLE_EQ(*phase0.money, 2);
  EXPECT_FALSE(phase0.saved_money);
}

TEST(ClipCost, OfTimedStepsAClipIsAWholeOneAndOnlyItsLoopIsSaved) {
  store::RunRecord run = good_run();
  testing::visit_by_steps(run);
  for (auto& cell : candidate(run).cells) cell.elapsed_s = 3;
  candidate(run).cells[0].timed = false;  // made by an earlier sitting
  const ClipCost fast = cost_of(run, "fast", {.price_per_hour = 7200});
  EXPECT_DOUBLE_EQ(*fast.gpu_s, 3);
  EXPECT_EQ(fast.visits, 5u);
  EXPECT_DOUBLE_EQ(*fast.money, 6);
  EXPECT_NEAR(*fast.saved_money, 1, 1e-12) << "half of a loop of 1 s";
}

TEST(ClipCost, TheIntervalOfTheSpeedupIsThatOfTheSaving) {
  store::RunRecord run = good_run();
  const auto all = testing::visits(run, "fast");
  for (std::size_t i = 0; i < all.size(); ++i) all[i]->clip_s = {i % 2 == 0 ? 0.5 : 1.25};
  const auto verdicts = judge(run);
  const ClipCost fast = cost_of(run, "fast", {.price_per_hour = 7200, .development_cost = 10});
  EXPECT_NEAR(fast.saved_interval->high, 1, 1e-12) << "2 (1 - 1 / 2)";
  EXPECT_NEAR(fast.saved_interval->low, -0.5, 1e-12) << "2 (1 - 1.25)";
  EXPECT_EQ(fast.break_even_low, 10);
  EXPECT_FALSE(fast.break_even_high) << "perhaps never";
}

TEST(ClipCost, NoSavingWithoutAClaimNoCostWithoutAPrice) {
  store::RunRecord run = good_run();
  candidate(run).speed_claimable = "FP8 is emulated";
  const ClipCost emulated = cost_of(run, "fast", {.price_per_hour = 3, .development_cost = 10});
  EXPECT_TRUE(emulated.money);
  EXPECT_FALSE(emulated.saved_money);
  EXPECT_NE(emulated.reason.find("emulated"), std::string::npos);
  const auto verdicts = judge(run);
  EXPECT_TRUE(clip_costs(run, verdicts, {}).empty());
  EXPECT_EQ(cli::cost_text({}, {}), "");
}

TEST(ClipCost, SlowerNeverPays) {
  store::RunRecord run = good_run();
  for (auto* visit : testing::visits(run, "fast")) visit->clip_s = {2.0};
  const ClipCost slow = cost_of(run, "fast", {.price_per_hour = 7200, .development_cost = 10});
  EXPECT_NEAR(*slow.saved_money, -2, 1e-12);
  EXPECT_FALSE(slow.break_even);
  EXPECT_NE(slow.reason.find("never"), std::string::npos);
}

}  // namespace
}  // namespace wan::gate
