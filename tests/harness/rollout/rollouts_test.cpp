#include "harness/rollout/rollouts.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "harness/rollout/event_log.h"
#include "harness/rollout/flags.h"
#include "harness/store/cell_log.h"
#include "harness/store/result_store.h"
#include "tests/support/harness/records.h"
#include "tests/support/harness/rollouts.h"
#include "tests/support/harness/run_folders.h"
#include "tests/support/harness/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan::rollout {
namespace {

using testing::evidence_run;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class RolloutsTest : public ::testing::Test {
 protected:
  void start() { rollout::start(box_.store(), testing::fast_subject()); }
  Advance advance(const std::filesystem::path& named = {}) { return rollout::advance(box_.store(), "fast", named); }
  void to_production() {
    start();
    box_.put("1", evidence_run(1, 1));
    box_.put("2", evidence_run(10, 3));
    box_.put("3", evidence_run(100, 5));
    for (int phase = 0; phase < 3; ++phase) EXPECT_TRUE(advance().to);
  }
  const Rollout& fast() {
    state_ = box_.state();
    return *state_.find("fast");
  }
  static store::RunRecord rejected_run() {
    store::RunRecord run = evidence_run(2, 1, "2026-03-01T00:00:00Z");
    run.run_id = "bad";
    testing::set_score(testing::candidate(run), "ssim.ipol", 0.5);
    return run;
  }
  static Samples samples(double factor) {
    store::RunRecord run = evidence_run(12, 1);
    for (auto& cell : testing::candidate(run).cells) testing::score(cell, "lpips.alex").pooled.mean *= factor;
    return {.clips = testing::candidate(run)};
  }

  testing::TemporaryFolder folder_;
  testing::RolloutSandbox box_{folder_.path()};
  State state_;
};

TEST_F(RolloutsTest, WalksFromStartToProductionToAnAlertAndBack) {
  start();
  EXPECT_FALSE(box_.flags().find("fast")->enabled) << "the file is there from the start, and off";
  EXPECT_FALSE(advance().to) << "there is no run";
  EXPECT_TRUE(advance().considered.empty());
  const Phase phases[] = {Phase::batch, Phase::stress, Phase::production};
  const std::pair<std::size_t, std::size_t> sizes[] = {{1, 1}, {10, 3}, {100, 5}};
  for (std::size_t i = 0; i < 3; ++i) {
    box_.put(std::to_string(i), evidence_run(sizes[i].first, sizes[i].second));
    EXPECT_EQ(box_.flags().served(), nullptr) << "off until production";
    const Advance step = advance();
    EXPECT_EQ(step.to, phases[i]);
    if (i < 2) {
      const Advance again = advance();
      EXPECT_FALSE(again.to) << "the next phase has no evidence yet";
      ASSERT_FALSE(again.considered.empty());
      EXPECT_THAT(again.considered[0].finding.reason, StartsWith("too_small"));
    }
  }
  ASSERT_TRUE(box_.flags().served());
  EXPECT_EQ(box_.flags().served()->configuration, "fast");
  EXPECT_EQ(box_.flags().served()->optimizations, testing::fast_subject().configuration.optimizations);
  EXPECT_EQ(fast().subject.weights_hash, "weights") << "fixed by the first evidence";
  EXPECT_USAGE_ERROR(advance(), HasSubstr("in production, which no phase follows"));

  const auto promoted = testing::promoted_baseline();
  EXPECT_FALSE(rollout::watch(box_.store(), "fast", samples(1), promoted).rolled_back);
  EXPECT_THAT(fast().last_watch->reason, StartsWith("production_held"));
  EXPECT_TRUE(box_.flags().served());
  const Watch alert = rollout::watch(box_.store(), "fast", samples(3), promoted);
  EXPECT_TRUE(alert.rolled_back);
  EXPECT_THAT(alert.reason, StartsWith("production_failed: "));
  EXPECT_TRUE(fast().rolled_back);
  EXPECT_EQ(box_.flags().served(), nullptr);
  EXPECT_EQ(box_.flags().find("fast")->reason, alert.reason) << "the file says why";
  EXPECT_USAGE_ERROR(rollout::watch(box_.store(), "fast", samples(1), promoted), HasSubstr("rolled back on"));
}

TEST_F(RolloutsTest, ARejectionRollsBackInEveryPhaseWithEvidenceBesideIt) {
  for (int phase = 0; phase < 3; ++phase) {
    const testing::TemporaryFolder folder;
    testing::RolloutSandbox box(folder.path());
    rollout::start(box.store(), testing::fast_subject());
    box.put("good", evidence_run(100, 5));
    for (int i = 0; i < phase; ++i) EXPECT_TRUE(rollout::advance(box.store(), "fast").to);
    box.put("bad", rejected_run());
    const Advance step = rollout::advance(box.store(), "fast", box.root() / "good");
    EXPECT_FALSE(step.to);
    EXPECT_TRUE(step.rolled_back) << "naming the good run does not hide the bad one";
    EXPECT_THAT(step.reason, StartsWith("gate_rejected: quality, roadmap gate"));
    EXPECT_THAT(step.reason, HasSubstr("(bad)"));
    EXPECT_TRUE(box.state().find("fast")->rolled_back);
    EXPECT_EQ(box.flags().find("fast")->phase, "rolled_back");
  }
}

TEST_F(RolloutsTest, RunsFromBeforeTheStartCountOnlyIfNamed) {
  box_.put("bad", rejected_run());
  auto old = evidence_run(1, 1, "2026-01-01T00:00:00Z");
  const auto good = box_.put("old", old);
  std::filesystem::remove_all(box_.root() / "bad");
  start();
  EXPECT_TRUE(advance().considered.empty());
  EXPECT_EQ(advance(good).to, Phase::batch);
}

TEST_F(RolloutsTest, RunsOfSomethingElseAreNamedWhenAskedForAndElseIgnored) {
  start();
  auto other = evidence_run(1, 1);
  other.model = "another";
  const auto path = box_.put("other", other);
  EXPECT_USAGE_ERROR(advance(path), HasSubstr("other_model: another, the rollout's is fake"));
  const Advance step = advance();
  EXPECT_FALSE(step.to);
  ASSERT_EQ(step.considered.size(), 1u);
  EXPECT_EQ(step.considered[0].finding.says, Says::nothing);
  EXPECT_FALSE(fast().rolled_back);
}

TEST_F(RolloutsTest, ATamperedRunIsNoEvidence) {
  start();
  const auto path = box_.put("1", evidence_run(1, 1));
  testing::edit_file(path / store::kCellFile, "\"transformer_forwards\":20", "\"transformer_forwards\":21");
  EXPECT_THROW(advance(), store::TamperError);
  EXPECT_EQ(fast().phase, Phase::single_prompt);
  testing::edit_file(path / store::kRunFile, "NVIDIA H200", "NVIDIA H100");
  EXPECT_FALSE(advance().to) << "of an edited header not even the configuration is known";
}

TEST_F(RolloutsTest, RollbackByAPersonLeavesTheConfigurationServedBefore) {
  to_production();
  Subject other = testing::fast_subject();
  other.configuration.id = "faster";
  rollout::start(box_.store(), other);
  store::RunRecord run = evidence_run(100, 5, "2026-04-01T00:00:00Z");
  auto faster = testing::candidate(run);
  faster.configuration.id = "faster";
  for (auto& cell : faster.cells) cell.configuration = "faster";
  for (auto visit : run.visits)
    if (visit.configuration == "fast") run.visits.push_back((visit.configuration = "faster", visit));
  run.configurations.push_back(faster);
  box_.put("faster", run);
  for (int phase = 0; phase < 3; ++phase) ASSERT_TRUE(rollout::advance(box_.store(), "faster").to);
  EXPECT_EQ(box_.flags().served()->configuration, "faster");
  rollout::roll_back(box_.store(), "faster", "a customer complained");
  EXPECT_EQ(box_.flags().served()->configuration, "fast");
  EXPECT_EQ(box_.state().find("faster")->reason, "asked: a customer complained");
  EXPECT_USAGE_ERROR(rollout::roll_back(box_.store(), "faster", ""), HasSubstr("rolled back on"));
  EXPECT_USAGE_ERROR(rollout::roll_back(box_.store(), "nothing", ""), HasSubstr("no rollout of it"));
}

TEST_F(RolloutsTest, WhatIsComparedWithCannotBeRolledOut) {
  Subject bf16{.configuration = {.id = "bf16"}, .model = "fake"};
  EXPECT_USAGE_ERROR(rollout::start(box_.store(), bf16), HasSubstr("others are compared with it"));
  start();
  EXPECT_USAGE_ERROR(start(), HasSubstr("under way, in phase single_prompt"));
  Subject slow = testing::fast_subject();
  slow.configuration.id = "slow";
  EXPECT_USAGE_ERROR(rollout::start(box_.store(), slow, box_.root() / "elsewhere.toml"), HasSubstr("flags of this store"));
}

// Killed between the event and the file of flags.
TEST_F(RolloutsTest, FlagsThatLagBehindFailSafe) {
  to_production();
  const auto path = flags_path(box_.root(), box_.state());
  const std::string on = testing::read_file(path);
  rollout::roll_back(box_.store(), "fast", "");
  store::replace_file(path, on);  // the rollback's event is there, its flags are not
  Subject other = testing::fast_subject();
  other.configuration.id = "other";
  rollout::start(box_.store(), other);
  EXPECT_EQ(box_.flags().served(), nullptr) << "the next command, whatever it is about, switches off";
}

// Killed anywhere in whatever command: the log is readable, the file of flags is whole, and what is off by the state is off after the next
// command.
TEST_F(RolloutsTest, SurvivesKillsInWhateverItDoes) {
  start();
  const auto evidence = box_.put("all", evidence_run(100, 1));
  Subject other = testing::fast_subject();
  other.configuration.id = "other";
  for (int kill = 0; kill < 15; ++kill) {
    const pid_t child = ::fork();
    if (child == 0) {
      testing::RolloutSandbox box(folder_.path());
      while (true) {
        try {
          rollout::advance(box.store(), "fast", evidence);
          rollout::roll_back(box.store(), "fast", "");
        } catch (const UsageError&) {
        }
        try {
          rollout::start(box.store(), testing::fast_subject());
        } catch (const UsageError&) {
        }
      }
    }
    ::usleep(static_cast<useconds_t>(15000 + 3100 * kill));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_NO_THROW(box_.flags());
    rollout::start(box_.store(), other);
    rollout::roll_back(box_.store(), "other", "");
    const FeatureFlags flags = box_.flags();
    ASSERT_EQ(flags.find("fast")->phase, fast().rolled_back ? "rolled_back" : to_string(fast().phase))
        << "what lagged behind has caught up";
    ASSERT_EQ(flags.served(), nullptr);
  }
}

TEST_F(RolloutsTest, AFullDiskDoesNotKeepABadConfigurationInProduction) {
  to_production();
  {
    const auto log = std::filesystem::file_size(box_.root() / kStateFile);
    ASSERT_GT(log, std::filesystem::file_size(flags_path(box_.root(), box_.state())) + 100) << "there is room for the flags alone";
    const testing::FullDisk full(log);
    EXPECT_THROW(rollout::roll_back(box_.store(), "fast", "bad"), store::StorageError);
  }
  EXPECT_EQ(box_.flags().served(), nullptr);
  EXPECT_FALSE(fast().rolled_back) << "what is not on disk has not happened";
  rollout::roll_back(box_.store(), "fast", "bad");
  EXPECT_TRUE(fast().rolled_back);
}

TEST_F(RolloutsTest, AFlagThatIsOffInProductionIsSwitchedOnByAdvanceAlone) {
  to_production();
  const auto path = flags_path(box_.root(), box_.state());
  for (const bool garbled : {false, true}) {
    if (garbled)
      std::ofstream(path) << "enabled = fa";
    else
      testing::edit_file(path, "enabled = true", "enabled = false");
    rollout::watch(box_.store(), "fast", samples(1), testing::promoted_baseline());
    EXPECT_EQ(box_.flags().served(), nullptr) << "whoever switched it off is not overruled";
    EXPECT_TRUE(advance().switched_on_again);
    EXPECT_EQ(box_.flags().served()->configuration, "fast");
  }
  std::filesystem::remove(path);
  EXPECT_TRUE(advance().switched_on_again);
  EXPECT_EQ(box_.flags().served()->configuration, "fast");
}

TEST_F(RolloutsTest, AWatchWithoutABaselineLeavesNoEvent) {
  to_production();
  const auto before = box_.state().sequence;
  const Watch watch = rollout::watch(box_.store(), "fast", samples(1), {});
  EXPECT_FALSE(watch.rolled_back);
  EXPECT_EQ(watch.comparison.gate.outcome, gate::Outcome::invalid);
  EXPECT_EQ(box_.state().sequence, before);
}

}  // namespace
}  // namespace wan::rollout
