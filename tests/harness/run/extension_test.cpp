// Runs whose planned blocks leave a speed open: what is timed further, and what becomes of it when a sitting is cut off.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>

#include "harness/gate/judge.h"
#include "harness/run/runner.h"
#include "harness/store/record_json.h"
#include "tests/support/harness/runner_fixture.h"

namespace wan::run {
namespace {

using testing::BlocksTest;

constexpr std::size_t kBlocks = 7;

class ExtensionTest : public BlocksTest {
 protected:
  ExtensionTest() {
    plan_ = testing::small_plan(kBlocks);
    blocks_ = kBlocks;
    open_speeds_ = [this](const store::RunRecord& record) {
      ++asked_;
      EXPECT_EQ(record.visits.size(), 3 * kBlocks) << "all planned ones, and no others";
      return std::vector<std::string>{"fast"};
    };
  }
  int asked_ = 0;
};

TEST_F(ExtensionTest, OnlyWhatIsOpenAndItsSpeedBaselineAreTimedFurther) {
  const RunOutcome outcome = run();
  ASSERT_EQ(outcome.end, RunEnd::finished);
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(outcome.record.blocks, 7);
  EXPECT_EQ(outcome.record.extension, (store::Extension{.blocks = 7, .decided = true, .configurations = {"fast"}}));
  ASSERT_EQ(outcome.record.visits.size(), 3 * kBlocks + 2 * kBlocks);
  std::set<std::pair<std::int64_t, std::string>> further;
  for (std::size_t i = 3 * kBlocks; i < outcome.record.visits.size(); ++i) {
    const store::Visit& visit = outcome.record.visits[i];
    EXPECT_GE(visit.block, 7);
    EXPECT_LT(visit.block, 14);
    EXPECT_NE(visit.configuration, "bf16");
    EXPECT_EQ(visit.void_reason, "") << "the clip of the planned block came out again";
    EXPECT_TRUE(further.emplace(visit.block, visit.configuration).second);
  }
  EXPECT_EQ(store::to_json(store::read_run(path_)), store::to_json(outcome.record));
  EXPECT_NE(said_.find("after 7 blocks the speed of fast is open: 7 more"), std::string::npos) << said_;
}

TEST_F(ExtensionTest, WhereNothingIsOpenThePlannedBlocksAreAll) {
  open_speeds_ = [](const auto&) { return std::vector<std::string>{}; };
  const RunOutcome outcome = run();
  EXPECT_EQ(outcome.record.visits.size(), 3 * kBlocks);
  EXPECT_EQ(outcome.record.extension, (store::Extension{.blocks = 7, .decided = true}));
}

TEST_F(ExtensionTest, CutOffAnywhereAndResumedItMakesTheSameBlocksInTheSameOrder) {
  const auto slow = executor_.on_generate;
  const store::RunRecord whole = run().record;
  const std::size_t generations = executor_.generations.size();
  ASSERT_EQ(generations, 3 + 5 * kBlocks);
  for (std::size_t n = 3 * kBlocks; n < generations; n += 2) {
    executor_ = {};
    executor_.on_generate = slow;
    cancel_at_generation(n);
    ASSERT_EQ(run().end, RunEnd::cancelled) << n;
    cancelled_ = {};
    asked_ = 0;
    const bool was_decided = store::read_run(path_).extension.decided;
    const RunOutcome resumed = run(/*resume=*/true);
    ASSERT_EQ(resumed.end, RunEnd::finished) << n;
    EXPECT_EQ(asked_, was_decided ? 0 : 1) << "what is decided is decided";
    EXPECT_EQ(order(resumed.record), order(whole)) << n;
    EXPECT_EQ(resumed.record.extension, whole.extension);
    for (std::size_t i = 0; i < whole.visits.size(); ++i) EXPECT_EQ(resumed.record.visits[i].clip_s, whole.visits[i].clip_s);
  }
}

TEST_F(ExtensionTest, ItIsNotBegunWhereItWouldNotEndInTheBudget) {
  budget_s_ = 1.5 + 2.5 * kBlocks + 5;  // warm-ups, planned blocks of 2.5 s; two thirds of as many more take about 12
  const RunOutcome outcome = run();
  EXPECT_EQ(outcome.end, RunEnd::finished);
  EXPECT_EQ(outcome.record.visits.size(), 3 * kBlocks);
  EXPECT_EQ(outcome.record.extension.configurations, std::vector<std::string>{"fast"});
  EXPECT_NE(outcome.record.extension.unused.find("over_budget: 7 more blocks would take about"), std::string::npos)
      << outcome.record.extension.unused;
  budget_s_ = 100;
  EXPECT_EQ(run().record.visits.size(), 5 * kBlocks);
}

// The gate asks, and what it finds after the last block is its verdict.
TEST_F(ExtensionTest, TheGateFindsWhatIsOpenAndJudgesAllBlocks) {
  open_speeds_ = gate::open_speeds;
  std::size_t made = 0;
  executor_.on_generate = [&](const GenerationRequest& request, GenerationResult& result) {
    // On both sides of the materiality, so that seven blocks cannot tell; beyond it afterwards.
    const bool is_fast = result.clip.rgb != reference_clip(request), is_planned = executor_.generations.size() <= 3 + 3 * kBlocks;
    const double open_s = 1.008 + 0.0045 * static_cast<double>(made % 3);
    if (is_fast) ++made;
    clock_s_ += (!is_fast ? 1.0 : is_planned ? open_s : 1.014) * static_cast<double>(request.steps) / 4;
  };
  const store::RunRecord record = run().record;
  ASSERT_EQ(record.extension.configurations, std::vector<std::string>{"fast"});
  const gate::Verdict verdict = gate::judge(record)[2];
  EXPECT_EQ(verdict.speed.criteria[0].n, 2 * kBlocks);
  EXPECT_EQ(verdict.speed.outcome, gate::Outcome::rejected) << verdict.speed.reason;
}

}  // namespace
}  // namespace wan::run
