// Runs in blocks: visits, their times, and what becomes of them when a sitting is cut off.
#include <gtest/gtest.h>

#include <new>
#include <set>
#include <utility>

#include "harness/measure/statistics.h"
#include "harness/run/runner.h"
#include "harness/store/record_json.h"
#include "tests/support/harness/runner_fixture.h"

namespace wan::run {
namespace {

using testing::BlocksTest;

TEST_F(BlocksTest, EveryBlockVisitsEveryConfigurationOnceAndClipsAreScoredWhoeverComesFirst) {
  const RunOutcome outcome = run();
  ASSERT_EQ(outcome.end, RunEnd::finished);
  ASSERT_EQ(outcome.record.visits.size(), 18U);
  std::set<std::pair<std::int64_t, std::string>> seen;
  bool candidate_before_baseline = false;
  for (const auto& visit : outcome.record.visits) {
    EXPECT_TRUE(seen.emplace(visit.block, visit.configuration).second);
    EXPECT_EQ(visit.clip_s, std::vector<double>{visit.configuration == "fast" ? 0.5 : 1.0});
    EXPECT_EQ(visit.void_reason, "");
    if (visit.configuration == "fast" && !seen.contains({visit.block, "bf16"})) candidate_before_baseline = true;
  }
  EXPECT_TRUE(candidate_before_baseline) << "or the test shows nothing";
  for (std::size_t i = 0; i < 6; ++i) EXPECT_DOUBLE_EQ(cell(outcome.record, 2, i).scores.find("mse")->pooled.mean, 0.125);
  EXPECT_EQ(executor_.loads.size(), 3U) << "there is room for all";
  EXPECT_EQ(outcome.record.visits[0].load_s, 0.5);
  EXPECT_GT(outcome.record.visits[0].warm_up_s, 0);
  EXPECT_EQ(outcome.record.visits[17].load_s, 0);
  EXPECT_EQ(outcome.record.blocks, 6);
  EXPECT_EQ(store::to_json(store::read_run(path_)), store::to_json(outcome.record));
}

TEST_F(BlocksTest, NoMoreAreLoadedThanFitAndThoseNeededLastGoFirst) {
  residents_ = {.most = 2};
  run();
  EXPECT_EQ(executor_.most_loaded, 2U);
  const std::size_t loads = executor_.loads.size();
  EXPECT_GT(loads, 3U);
  EXPECT_LT(loads, 18U);
  executor_.loads.clear();
  executor_.most_loaded = 0;
  residents_ = {.most = 8, .weight_bytes = 2500};  // 1000 each
  run();
  EXPECT_EQ(executor_.most_loaded, 2U);
  EXPECT_EQ(executor_.loads.size(), loads);
}

TEST_F(BlocksTest, MoreBlocksThanClipsTimeTheClipsAgainAndCheckThem) {
  blocks_ = 12;
  EXPECT_EQ(run().record.visits.size(), 36U);
  EXPECT_EQ(executor_.generations.size(), 3U + 36U);
  executor_.generations.clear();
  executor_.on_generate = [this](const GenerationRequest& request, GenerationResult& result) {
    if (request.prompt == "prompt number 2" && executor_.generations.size() > 21) result.clip.rgb[0] ^= 1U;
  };
  const store::RunRecord record = run().record;
  std::size_t voided = 0;
  for (const auto& visit : record.visits)
    if (!visit.void_reason.empty()) {
      ++voided;
      EXPECT_EQ(visit.block, 8);
      EXPECT_NE(visit.void_reason.find("other_clip: p2 seed 42"), std::string::npos) << visit.void_reason;
    }
  EXPECT_EQ(voided, 3U);
}

TEST_F(BlocksTest, AWorkerLostWhileAClipIsTimedAgainVoidsNothing) {
  blocks_ = 12;
  executor_.outlives_faults = true;
  const auto slow = executor_.on_generate;
  bool once = true;
  executor_.on_generate = [&](const GenerationRequest& request, GenerationResult& result) {
    slow(request, result);
    if (executor_.generations.size() > 30 && std::exchange(once, false)) throw testing::lost_worker();
  };
  const store::RunRecord record = run().record;
  EXPECT_FALSE(once);
  for (const auto& visit : record.visits) {
    EXPECT_EQ(visit.void_reason, "");
    EXPECT_EQ(visit.clip_s, std::vector<double>{visit.configuration == "fast" ? 0.5 : 1.0});
  }
  std::size_t retries = 0;
  for (const auto& configuration : store::read_run(path_).configurations)
    for (const auto& cell : configuration.cells) retries += cell.retries.size();
  EXPECT_EQ(retries, 1U) << "it stands in the cell";
}

// The last cell's line was torn; the sitting that made its block anew ended between that cell and its visit.
TEST_F(BlocksTest, ABlockWithVisitsOfTwoSittingsIsMadeAnew) {
  const auto slow = executor_.on_generate;
  executor_.on_generate = [&](const GenerationRequest& request, GenerationResult& result) {
    slow(request, result);
    std::filesystem::copy_file(path_ / "run.json", root_.path() / "as_killed", std::filesystem::copy_options::overwrite_existing);
  };
  const store::RunRecord whole = run().record;
  std::filesystem::copy_file(root_.path() / "as_killed", path_ / "run.json", std::filesystem::copy_options::overwrite_existing);
  std::filesystem::resize_file(path_ / "cells.jsonl", std::filesystem::file_size(path_ / "cells.jsonl") - 1);
  int visits = 0;
  observe_ = [&] {
    return [&]() -> machine::Covariates {
      if (++visits == 3) throw Cancelled{};
      return {};
    };
  };
  executor_.on_generate = slow;
  ASSERT_EQ(run(/*resume=*/true).end, RunEnd::cancelled);
  observe_ = {};
  executor_.generations.clear();
  const RunOutcome resumed = run(/*resume=*/true);
  EXPECT_EQ(executor_.generations.size(), 6U) << "three warm-ups and three clips";
  EXPECT_EQ(order(resumed.record), order(whole));
}

TEST_F(BlocksTest, CancelledAnywhereAndResumedGivesTheRecordOfAnUndisturbedRun) {
  for (auto& cell : plan_.cells) cell.teacher_forced = cell.prompt == 0;
  const auto slow = executor_.on_generate;
  const store::RunRecord whole = run().record;
  for (std::size_t n = 1; n <= 22; n += 3) {
    executor_ = {};
    executor_.on_generate = slow;
    cancel_at_generation(n);
    ASSERT_EQ(run().end, RunEnd::cancelled) << n;
    cancelled_ = {};
    const RunOutcome resumed = run(/*resume=*/true);
    ASSERT_EQ(resumed.end, RunEnd::finished) << n;
    EXPECT_EQ(order(resumed.record), order(whole)) << n;
    for (std::size_t i = 0; i < whole.visits.size(); ++i) EXPECT_EQ(resumed.record.visits[i].clip_s, whole.visits[i].clip_s);
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 6; ++j) {
        EXPECT_EQ(cell(resumed.record, i, j).clip_hash, cell(whole, i, j).clip_hash);
        EXPECT_EQ(cell(resumed.record, i, j).scores, cell(whole, i, j).scores) << n << " " << i << " " << j;
      }
  }
}

TEST_F(BlocksTest, FailedClipVoidsItsVisitAlone) {
  const auto slow = executor_.on_generate;
  executor_.on_generate = [&](const GenerationRequest& request, GenerationResult& result) {
    slow(request, result);
    if (request.prompt == "prompt number 3" && result.clip.rgb != reference_clip(request)) throw std::bad_alloc();
  };
  const store::RunRecord record = run().record;
  for (const auto& visit : record.visits)
    EXPECT_EQ(visit.void_reason, visit.configuration == "fast" && visit.block == 3 ? "oom: std::bad_alloc" : "");
}

TEST_F(BlocksTest, BudgetStopsBeforeABlockThatWouldPassItAndTheRestIsResumed) {
  budget_s_ = 11.5;  // a block takes 2.5 s, the first 4 s with its warm-ups, and every other may take as long
  const RunOutcome stopped = run();
  EXPECT_EQ(stopped.end, RunEnd::over_budget);
  EXPECT_NE(stopped.reason.find("over_budget: 3 of 6 blocks"), std::string::npos) << stopped.reason;
  EXPECT_EQ(stopped.record.visits.size(), 9U);
  EXPECT_FALSE(stopped.record.complete);
  budget_s_ = 0;
  EXPECT_EQ(run(/*resume=*/true).record.visits.size(), 18U);
}

TEST_F(BlocksTest, AVisitOfSeveralRunsTimesItsClipsAgainAndTheMedianCounts) {
  runs_a_visit_ = 3;
  const auto slow = executor_.on_generate;
  executor_.on_generate = [&](const GenerationRequest& request, GenerationResult& result) {
    slow(request, result);
    if (executor_.generations.size() % 3 == 0) clock_s_ += 0.04;  // a hiccup in one of a visit's three, or in a warm-up
  };
  const store::RunRecord record = run().record;
  EXPECT_EQ(record.runs_a_visit, 3);
  EXPECT_EQ(executor_.generations.size(), 3U + 3 * 18U);
  for (const auto& visit : record.visits) {
    ASSERT_EQ(visit.clip_s.size(), 3U);
    EXPECT_NEAR(measure::median(visit.clip_s), visit.configuration == "fast" ? 0.5 : 1.0, 1e-9);
  }
  runs_a_visit_ = 1;
  blocks_ = 2;
  for (const auto& visit : run().record.visits) EXPECT_EQ(visit.clip_s.size(), 3U) << "the clips of the visit";
}

}  // namespace
}  // namespace wan::run
