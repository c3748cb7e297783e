// Visits that time denoising steps of each expert in place of clips.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "harness/gate/judge.h"
#include "harness/gate/visit_times.h"
#include "harness/run/process_executor.h"
#include "harness/run/runner.h"
#include "harness/store/record_json.h"
#include "tests/support/harness/runner_fixture.h"

namespace wan::run {
namespace {

using testing::BlocksTest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class StepsTest : public BlocksTest {
 protected:
  StepsTest() {
    steps_a_visit_ = 1;
    executor_.on_time_steps = [this](const GenerationRequest&, TimedSteps& result) {
      for (const double step_s : result.stages.step_s) clock_s_ += step_s;
    };
  }
  static bool is_fast(const TimedSteps& result) { return result.stages.step_s.front() < 0.2; }
};

TEST_F(StepsTest, EveryVisitTimesTheSameRequestAndEachClipIsMadeOnce) {
  blocks_ = 12;
  const RunOutcome outcome = run();
  ASSERT_EQ(outcome.end, RunEnd::finished);
  ASSERT_EQ(outcome.record.visits.size(), 36U);
  EXPECT_EQ(outcome.record.steps_a_visit, 1);
  EXPECT_EQ(executor_.timings.size(), 36U);
  for (const auto& request : executor_.timings) EXPECT_EQ(request.prompt, "prompt number 0");
  EXPECT_EQ(executor_.generations.size(), 3U + 18U) << "warm-ups, and each clip once in twelve blocks";
  for (const auto& visit : outcome.record.visits) {
    const double factor = visit.configuration == "fast" ? 0.5 : 1.0;
    EXPECT_EQ(visit.void_reason, "");
    EXPECT_TRUE(visit.clip_s.empty());
    ASSERT_TRUE(visit.steps.has_value());
    EXPECT_EQ(visit.steps->prompt, "p0");
    EXPECT_EQ(visit.steps->seed, 42U);
    EXPECT_THAT(visit.steps->high_noise_step_s, ElementsAre(0.25 * factor));
    EXPECT_THAT(visit.steps->low_noise_step_s, ElementsAre(0.125 * factor));
    EXPECT_EQ(visit.steps->transformer_forwards, 4);
    EXPECT_THAT(visit.steps->run_s, ElementsAre(0.375 * factor)) << "the steps make up the request";
    EXPECT_DOUBLE_EQ(*gate::visit_s(visit), (2 * 0.25 + 2 * 0.125) * factor) << "a clip has two steps of each expert";
  }
  for (const auto& configuration : outcome.record.configurations)
    for (const auto& cell : configuration.cells) EXPECT_EQ(cell.status, store::CellStatus::done);
  EXPECT_EQ(store::to_json(store::read_run(path_)), store::to_json(outcome.record));
}

TEST_F(StepsTest, TheGateDecidesFromThem) {
  const auto verdict = gate::judge(run().record).at(2);
  EXPECT_EQ(verdict.speed.outcome, gate::Outcome::held);
  EXPECT_THAT(verdict.speed.criteria.at(0).reason, HasSubstr("faster: denoising loop predicted from 1 denoising step of each expert"));
  EXPECT_DOUBLE_EQ(*verdict.speed.criteria.at(0).value, 2.0);
  // Clips count for nothing: those of the candidate take twice as long now.
  executor_.on_generate = [this](const GenerationRequest& request, GenerationResult& result) {
    clock_s_ += result.clip.rgb != reference_clip(request) ? 2.0 : 1.0;
  };
  EXPECT_DOUBLE_EQ(*gate::judge(run().record).at(2).speed.criteria.at(0).value, 2.0);
}

TEST_F(StepsTest, SeveralRunsOfAVisitPoolTheirSteps) {
  runs_a_visit_ = 3;
  executor_.on_time_steps = [this](const GenerationRequest&, TimedSteps& result) {
    if (executor_.timings.size() % 3 == 0) result.stages.step_s.front() += 5;  // a hiccup in one of a visit's three
  };
  const store::RunRecord record = run().record;
  EXPECT_EQ(executor_.timings.size(), 3 * 18U);
  for (const auto& visit : record.visits) {
    EXPECT_EQ(visit.steps->run_s.size(), 3U);
    EXPECT_EQ(visit.steps->high_noise_step_s.size(), 3U);
    EXPECT_EQ(visit.steps->transformer_forwards, 12);
    EXPECT_DOUBLE_EQ(*gate::visit_s(visit), visit.configuration == "fast" ? 0.375 : 0.75);
  }
}

TEST_F(StepsTest, OtherLatentsVoidTheVisit) {
  executor_.on_time_steps = [](const GenerationRequest&, TimedSteps& result) {
    static int times = 0;
    if (is_fast(result) && ++times == 4) result.latents_hash += "x";
  };
  std::size_t voided = 0;
  for (const auto& visit : run().record.visits) {
    if (visit.void_reason.empty()) continue;
    ++voided;
    EXPECT_EQ(visit.configuration, "fast");
    EXPECT_THAT(visit.void_reason, StartsWith("other_latents: p0 seed 42"));
  }
  EXPECT_EQ(voided, 1U);
}

TEST_F(StepsTest, NanInTimedStepsVoidsTheVisit) {
  executor_.on_time_steps = [](const GenerationRequest&, TimedSteps& result) { result.nonfinite_latents = is_fast(result) ? 3 : 0; };
  for (const auto& visit : run().record.visits) EXPECT_EQ(visit.void_reason.empty(), visit.configuration != "fast") << visit.void_reason;
}

TEST_F(StepsTest, AFailureIsARecordAndTheVisitsClipsAreMade) {
  executor_.on_time_steps = [](const GenerationRequest&, TimedSteps& result) {
    if (is_fast(result)) throw std::bad_alloc();
  };
  const RunOutcome outcome = run();
  EXPECT_EQ(outcome.end, RunEnd::finished);
  for (const auto& visit : outcome.record.visits) EXPECT_EQ(visit.void_reason, visit.configuration == "fast" ? "oom: std::bad_alloc" : "");
  for (const auto& cell : outcome.record.configurations[2].cells) EXPECT_EQ(cell.status, store::CellStatus::done);
  const auto speed = gate::judge(outcome.record).at(2).speed;
  EXPECT_EQ(speed.outcome, gate::Outcome::invalid);
  EXPECT_THAT(speed.reason, HasSubstr("all 6 are void; block 1: oom"));
}

TEST_F(StepsTest, AWorkerLostMeanwhileIsTriedAgainAndVoidsNothing) {
  executor_.outlives_faults = true;
  bool once = true;
  executor_.on_time_steps = [&](const GenerationRequest&, TimedSteps&) {
    if (executor_.timings.size() == 7 && std::exchange(once, false)) throw testing::lost_worker();
  };
  const store::RunRecord record = run().record;
  EXPECT_FALSE(once);
  std::size_t retries = 0;
  for (const auto& visit : record.visits) EXPECT_EQ(visit.void_reason, "");
  for (const auto& configuration : store::read_run(path_).configurations)
    for (const auto& cell : configuration.cells) retries += cell.retries.size();
  EXPECT_EQ(retries, 1U) << "it stands in the cell";
}

TEST_F(StepsTest, CancelledAnywhereAndResumedGivesTheRecordOfAnUndisturbedRun) {
  const auto slow = executor_.on_generate;
  const auto slow_steps = executor_.on_time_steps;
  const store::RunRecord whole = run().record;
  for (std::size_t n = 1; n <= 18; n += 3) {
    executor_ = {};
    executor_.on_generate = slow;
    executor_.on_time_steps = slow_steps;
    cancelled_ = [this, n] { return executor_.timings.size() >= n; };
    ASSERT_EQ(run().end, RunEnd::cancelled) << n;
    cancelled_ = {};
    const std::size_t clips = executor_.generations.size();
    const RunOutcome resumed = run(/*resume=*/true);
    ASSERT_EQ(resumed.end, RunEnd::finished) << n;
    EXPECT_EQ(order(resumed.record), order(whole)) << n;
    EXPECT_LE(executor_.generations.size() - clips, 3U + 18U);
    for (std::size_t i = 0; i < whole.visits.size(); ++i) {
      EXPECT_EQ(resumed.record.visits[i].steps->high_noise_step_s, whole.visits[i].steps->high_noise_step_s);
      EXPECT_EQ(resumed.record.visits[i].steps->latents_hash, whole.visits[i].steps->latents_hash);
    }
  }
}

TEST_F(StepsTest, AnExtensionTimesStepsAndMakesNoClip) {
  plan_ = testing::small_plan(7);
  blocks_ = 7;
  open_speeds_ = [](const auto&) { return std::vector<std::string>{"fast"}; };
  const store::RunRecord record = run().record;
  EXPECT_EQ(record.visits.size(), 3 * 7 + 2 * 7U);
  EXPECT_EQ(executor_.generations.size(), 3U + 21U);
  EXPECT_EQ(executor_.timings.size(), record.visits.size());
}

class StepsOfWorkers : public testing::RunnerTest {
 protected:
  RunOutcome run_with(const std::vector<std::string>& worker_arguments) {
    const plan::Schedule schedule = [&] {
      plan::Schedule made = plan::make_schedule(plan_, 0, 7);
      made.steps_a_visit = 2;
      return made;
    }();
    store::RunFolder folder = store::RunFolder::create(root_.path(), make_record(plan_, schedule, request_), "2");
    Reporter reporter({}, Eta{}, plan_.cells.size());
    return Runner({.plan = plan_,
                   .schedule = schedule,
                   .request = request_,
                   .make_executor =
                       [&] {
                         return make_process_executor({.program = std::string(WAN_BINARY_DIR) + "/bin/wan-eval",
                                                       .worker_arguments = worker_arguments,
                                                       .forward_log = false});
                       },
                   .residents = {.most = 3},
                   .folder = folder,
                   .reporter = reporter})
        .run();
  }
};

TEST_F(StepsOfWorkers, ALostWorkerIsReplacedAndItsStepsAreTimed) {
  plan_ = testing::small_plan(2, {"null"});
  const RunOutcome outcome = run_with({"--null", "--fault=segfault@2"});  // a warm-up goes well
  ASSERT_EQ(outcome.end, RunEnd::finished);
  // The one in its place dies at its second request too, and so on: an outcome all the same.
  for (const auto& visit : outcome.record.visits) {
    ASSERT_TRUE(visit.steps.has_value());
    EXPECT_THAT(visit.void_reason, StartsWith("crash: the worker was killed by signal 11 (SIGSEGV)"));
    EXPECT_TRUE(visit.steps->run_s.empty());
  }
  const RunOutcome well = run_with({"--null", "--fault=segfault@3"});  // the first visit's steps go well, its clip does not
  ASSERT_EQ(well.end, RunEnd::finished);
  for (const auto& visit : well.record.visits) {
    EXPECT_EQ(visit.steps->high_noise_step_s.size(), 2U);
    EXPECT_EQ(visit.steps->low_noise_step_s.size(), 2U);
  }
}

}  // namespace
}  // namespace wan::run
