#include "harness/cli/exit_status.h"

#include <gtest/gtest.h>

#include "harness/gate/judge.h"
#include "tests/support/harness/records.h"

namespace wan::cli {
namespace {

using gate::Outcome;
using gate::Verdict;

TEST(ExitStatus, TableOfOutcomes) {
  const auto of = [](std::vector<Outcome> outcomes) {
    std::vector<Verdict> verdicts;
    for (const Outcome outcome : outcomes) verdicts.push_back({.configuration = "c", .overall = outcome});
    return exit_status(verdicts);
  };
  EXPECT_EQ(of({Outcome::held, Outcome::held}), ExitStatus::held);
  EXPECT_EQ(of({Outcome::held, Outcome::failed}), ExitStatus::failed);
  EXPECT_EQ(of({Outcome::rejected, Outcome::invalid}), ExitStatus::failed) << "a failure is certain whatever else is missing";
  EXPECT_EQ(of({Outcome::held, Outcome::invalid, Outcome::inconclusive}), ExitStatus::invalid);
  EXPECT_EQ(of({Outcome::held, Outcome::inconclusive}), ExitStatus::inconclusive);
  EXPECT_EQ(of({Outcome::held, Outcome::not_measured}), ExitStatus::inconclusive) << "not looked at is not passed";
  EXPECT_EQ(of({}), ExitStatus::nothing);
}

TEST(ExitStatus, NumbersAreTheDocumentedOnes) {
  EXPECT_EQ(static_cast<int>(ExitStatus::held), 0);
  EXPECT_EQ(static_cast<int>(ExitStatus::failed), 1);
  EXPECT_EQ(static_cast<int>(ExitStatus::usage), 2);
  EXPECT_EQ(static_cast<int>(ExitStatus::invalid), 3);
  EXPECT_EQ(static_cast<int>(ExitStatus::inconclusive), 4);
  EXPECT_EQ(static_cast<int>(ExitStatus::nothing), 5);
  EXPECT_EQ(static_cast<int>(ExitStatus::interrupted), 130);
}

TEST(ExitStatus, BaselinesDoNotDecide) {
  EXPECT_EQ(exit_status(gate::judge(testing::good_run())), ExitStatus::held);
  store::RunRecord run = testing::good_run();
  run.configurations.pop_back();
  EXPECT_EQ(exit_status(gate::judge(run)), ExitStatus::nothing) << "baselines alone";
}

TEST(ExitStatus, NoBaselineIsItsOwnStatus) {
  store::RunRecord run = testing::good_run();
  run.configurations.erase(run.configurations.begin());
  EXPECT_EQ(exit_status(gate::judge(run)), ExitStatus::nothing);
  run = testing::good_run();
  testing::candidate(run).configuration.speed_baseline = "absent";
  EXPECT_EQ(exit_status(gate::judge(run)), ExitStatus::nothing);
}

}  // namespace
}  // namespace wan::cli
