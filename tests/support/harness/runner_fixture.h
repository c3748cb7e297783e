// What tests of the runner share: runs in a folder that goes away, over executors without an engine.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "harness/run/runner.h"
#include "harness/run/worker_lost.h"
#include "tests/support/harness/fake_executor.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::testing {

// A runs folder, an executor and a plan; `run` makes or resumes a run of them.
class RunnerTest : public ::testing::Test {
 protected:
  run::RunOutcome run(bool resume = false) {
    plan::Schedule schedule = blocks_ == 0 ? plan::in_plan_order(plan_) : plan::make_schedule(plan_, blocks_, 7);
    schedule.runs_a_visit = runs_a_visit_;
    schedule.steps_a_visit = steps_a_visit_;
    if (open_speeds_) plan::register_extension(schedule);
    const store::RunRecord planned = run::make_record(plan_, schedule, request_);
    auto resumed = resume ? store::RunFolder::resume(root_.path(), {.plan_hash = planned.plan_hash}) : std::nullopt;
    EXPECT_EQ(resumed.has_value(), resume);
    store::RunFolder folder = resumed ? std::move(*resumed) : store::RunFolder::create(root_.path(), planned, "2");
    path_ = folder.path();
    run::Reporter reporter({.write = [this](const std::string& text) { said_ += text; }}, run::Eta{}, plan_.cells.size());
    return run::Runner({.plan = plan_,
                        .schedule = schedule,
                        .request = request_,
                        .make_executor = [this] { return executor_.make(); },
                        .residents = residents_,
                        .folder = folder,
                        .reporter = reporter,
                        .cancelled = cancelled_,
                        .now_s = now_s_,
                        .observe = observe_,
                        .budget_s = budget_s_,
                        .open_speeds = open_speeds_})
        .run();
  }
  // Cancels during the n-th generation from now on, warm-ups counted.
  void cancel_at_generation(std::size_t n) {
    cancelled_ = [this, n] { return executor_.generations.size() >= n; };
  }
  static const store::Cell& cell(const store::RunRecord& record, std::size_t configuration, std::size_t index) {
    return record.configurations.at(configuration).cells.at(index);
  }

  TemporaryFolder root_;
  FakeEngine executor_;
  plan::RunPlan plan_ = small_plan();
  run::RunRequest request_ = small_request();
  std::size_t blocks_ = 0;  // 0: one, configuration by configuration
  std::size_t runs_a_visit_ = 1;
  std::size_t steps_a_visit_ = 0;
  run::ResidentLimits residents_ = {};
  std::function<double()> now_s_ = {};
  std::function<std::function<machine::Covariates()>()> observe_ = {};
  double budget_s_ = 0;
  std::function<std::vector<std::string>(const store::RunRecord&)> open_speeds_ = {};  // with one, an extension is registered
  std::function<bool()> cancelled_ = {};
  std::filesystem::path path_;
  std::string said_;
};

// Six prompts in six blocks; a clip takes a second, twice as fast for the candidate, on a clock that only generations move.
class BlocksTest : public RunnerTest {
 protected:
  BlocksTest() {
    plan_ = testing::small_plan(6);
    blocks_ = 6;
    residents_ = {.most = 8};
    now_s_ = [this] { return clock_s_; };
    executor_.on_generate = [this](const GenerationRequest& request, GenerationResult& result) {
      const bool fast = result.clip.rgb != reference_clip(request);
      clock_s_ += (fast ? 0.5 : 1.0) * static_cast<double>(request.steps) / 4;
    };
  }
  static std::vector<std::uint8_t> reference_clip(const GenerationRequest& request) {
    FakeEngine plain;
    auto executor = plain.make();
    executor->load({});
    return executor->generate(request, {}).clip.rgb;
  }
  static std::vector<std::pair<std::int64_t, std::string>> order(const store::RunRecord& record) {
    std::vector<std::pair<std::int64_t, std::string>> order;
    for (const auto& visit : record.visits) order.emplace_back(visit.block, visit.configuration);
    return order;
  }
  double clock_s_ = 0;
};

inline run::WorkerLost lost_worker() {
  return {run::WorkerLost::Cause::signal, "the worker was killed by signal 9 (SIGKILL)", {"last", "words"}};
}

}  // namespace wan::testing
