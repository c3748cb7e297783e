// Devices that share the blocks of one run, over executors without a model.
#include "harness/run/device_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>

#include "engine/base/error.h"
#include "harness/run/null_executor.h"
#include "harness/run/process_executor.h"
#include "tests/support/harness/fake_executor.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::run {
namespace {

using ::testing::StartsWith;

// A null executor whose calls are counted over all of its kind, and which may be stopped at its third clip.
struct Calls {
  std::atomic<bool> stop = false;
  std::atomic<int> loads = 0, clips = 0, steps = 0;
};

class CountingExecutor final : public Executor {
 public:
  explicit CountingExecutor(Calls& calls) : calls_(calls) {}
  LoadReport load(const LoadRequest& request) override {
    ++calls_.loads;
    return inner_->load(request);
  }
  GenerationResult generate(const GenerationRequest& request, const Progress& progress) override {
    if (calls_.stop && ++clips_ == 3) throw Cancelled{};
    if (request.steps > kWarmupSteps && request.trajectory_file.empty()) ++calls_.clips;
    return inner_->generate(request, progress);
  }
  TimedSteps time_steps(const GenerationRequest& request, std::int64_t steps, const Progress& progress) override {
    ++calls_.steps;
    return inner_->time_steps(request, steps, progress);
  }
  ReplayResult replay(const GenerationRequest& request, const std::string& file, const Progress& progress) override {
    return inner_->replay(request, file, progress);
  }
  void unload() override {}

 private:
  Calls& calls_;
  int clips_ = 0;
  std::unique_ptr<Executor> inner_ = make_null_executor("");
};

class DeviceRunTest : public ::testing::Test {
 protected:
  DevicesOutcome run(bool resume = false) {
    const plan::Schedule whole = plan::make_schedule(plan_, blocks_, 7);
    const store::RunRecord planned = make_record(plan_, whole, request_);
    std::vector<DeviceParts> devices;
    for (std::size_t i = 0; i < 2; ++i) {
      RunRequest own = request_;
      own.device = i == 0 ? "first" : "second";
      devices.push_back({.request = own, .make_executor = make_executor_[i], .residents = {.most = 3}});
    }
    return run_on_devices({.plan = plan_,
                           .planned = planned,
                           .costs = {},
                           .devices = devices,
                           .schedule =
                               [&](const plan::RunPlan& part) {
                                 plan::Schedule own = plan::make_schedule(part, blocks_ / 2, 7);
                                 own.steps_a_visit = steps_a_visit_;
                                 if (open_speeds_) own.extension = own.blocks;
                                 return own;
                               },
                           .root = root_.path(),
                           .label = "2",
                           .resume = resume,
                           .tell =
                               [&](const std::string& text) {
                                 const std::lock_guard lock(saying_);
                                 said_ += text;
                               },
                           .cancelled = cancelled_,
                           .open_speeds = open_speeds_});
  }
  static std::unique_ptr<Executor> well() { return make_null_executor(""); }
  static std::unique_ptr<Executor> worker(const std::string& fault) {
    return make_process_executor({.program = std::string(WAN_BINARY_DIR) + "/bin/wan-eval",
                                  .worker_arguments = {"--null", "--fault=" + fault},
                                  .forward_log = false});
  }

  testing::TemporaryFolder root_;
  plan::RunPlan plan_ = testing::small_plan(8, {"null"});
  RunRequest request_ = testing::small_request();
  std::size_t blocks_ = 8, steps_a_visit_ = 0;
  Residents::Make make_executor_[2] = {well, well};
  std::function<std::vector<std::string>(const store::RunRecord&)> open_speeds_ = {};
  std::function<bool()> cancelled_ = {};
  std::mutex saying_;
  std::string said_;
};

TEST_F(DeviceRunTest, EachBlockIsOfOneDeviceAndTogetherTheyMakeWhatOneMakes) {
  const DevicesOutcome both = run();
  ASSERT_EQ(both.outcome.end, RunEnd::finished) << both.outcome.reason;
  const store::RunRecord& joined = both.outcome.record;
  EXPECT_TRUE(joined.complete);
  EXPECT_EQ(joined.shard, "");
  EXPECT_EQ(joined.blocks, 8);
  ASSERT_EQ(joined.visits.size(), 24U);
  std::map<std::int64_t, std::set<std::string>> devices;
  std::map<std::string, std::size_t> visits;
  for (const auto& visit : joined.visits) {
    devices[visit.block].insert(visit.device);
    ++visits[visit.device];
  }
  EXPECT_EQ(devices.size(), 8U);
  for (const auto& [block, names] : devices) EXPECT_EQ(names.size(), 1U) << block;
  EXPECT_EQ(visits, (std::map<std::string, std::size_t>{{"first", 12}, {"second", 12}}));
  EXPECT_EQ(joined.command, "wan-eval --tier 2") << "once, as it was typed";
  EXPECT_EQ(both.folders.size(), 2U);

  const plan::Schedule schedule = plan::make_schedule(plan_, blocks_, 7);
  store::RunFolder folder = store::RunFolder::create(root_.path(), make_record(plan_, schedule, request_), "one");
  Reporter reporter({}, Eta{}, plan_.cells.size());
  const store::RunRecord one = Runner({.plan = plan_,
                                       .schedule = schedule,
                                       .request = request_,
                                       .make_executor = well,
                                       .residents = {.most = 3},
                                       .folder = folder,
                                       .reporter = reporter})
                                   .run()
                                   .record;
  EXPECT_EQ(joined.plan_hash, one.plan_hash) << "which device of its class makes a block is not part of a request";
  for (std::size_t i = 0; i < one.configurations.size(); ++i)
    for (std::size_t j = 0; j < one.configurations[i].cells.size(); ++j) {
      EXPECT_EQ(joined.configurations[i].cells.at(j).key, one.configurations[i].cells[j].key);
      EXPECT_EQ(joined.configurations[i].cells.at(j).clip_hash, one.configurations[i].cells[j].clip_hash);
      EXPECT_EQ(joined.configurations[i].cells.at(j).scores, one.configurations[i].cells[j].scores);
    }
}

TEST_F(DeviceRunTest, WhatTheJoinedBlocksLeaveOpenIsExtendedOnEveryDevice) {
  std::atomic<int> asked = 0;
  open_speeds_ = [&](const store::RunRecord& record) {
    ++asked;
    EXPECT_EQ(record.visits.size(), 24U);
    EXPECT_EQ(record.extension.blocks, 8);
    return std::vector<std::string>{"fast"};
  };
  steps_a_visit_ = 1;
  for (auto& cell : plan_.cells) cell.teacher_forced = cell.prompt == 0;
  Calls calls;
  make_executor_[0] = make_executor_[1] = [&] { return std::make_unique<CountingExecutor>(calls); };
  const store::RunRecord joined = run().outcome.record;
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(calls.clips, 24) << "each once";
  EXPECT_EQ(calls.steps, 24 + 16);
  for (const auto& configuration : joined.configurations)
    for (const auto& cell : configuration.cells) EXPECT_TRUE(cell.timed) << "it is one session";
  EXPECT_EQ(joined.blocks, 8);
  EXPECT_EQ(joined.extension, (store::Extension{.blocks = 8, .decided = true, .configurations = {"fast"}}));
  ASSERT_EQ(joined.visits.size(), 24U + 16U);
  std::map<std::int64_t, std::set<std::string>> devices;
  for (const auto& visit : joined.visits) {
    EXPECT_LT(visit.block, 16);
    EXPECT_EQ(visit.void_reason, "") << "the same latents as in the planned blocks";
    if (visit.block < 8) continue;
    EXPECT_NE(visit.configuration, "bf16");
    devices[visit.block].insert(visit.device);
  }
  EXPECT_EQ(devices.size(), 8U);
  for (const auto& [block, names] : devices) EXPECT_EQ(names.size(), 1U) << block;
  EXPECT_NE(said_.find("the speed of fast is open: 8 more blocks"), std::string::npos) << said_;
}

TEST_F(DeviceRunTest, CutOffInItsExtensionItGoesOnWithWhatWasDecided) {
  std::atomic<int> asked = 0;
  open_speeds_ = [&](const auto&) {
    ++asked;
    return std::vector<std::string>{"fast"};
  };
  cancelled_ = [&] { return asked > 0; };
  EXPECT_EQ(run().outcome.end, RunEnd::cancelled);
  cancelled_ = {};
  const DevicesOutcome resumed = run(/*resume=*/true);
  ASSERT_EQ(resumed.outcome.end, RunEnd::finished);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(resumed.outcome.record.visits.size(), 24U + 16U);
}

TEST_F(DeviceRunTest, NothingOpenNothingMore) {
  open_speeds_ = [](const auto&) { return std::vector<std::string>{}; };
  const store::RunRecord joined = run().outcome.record;
  EXPECT_EQ(joined.visits.size(), 24U);
  EXPECT_TRUE(joined.complete);
  EXPECT_EQ(joined.extension, (store::Extension{.blocks = 8, .decided = true}));
}

TEST_F(DeviceRunTest, ADeviceThatWasCutOffIsResumedAndTheOthersPartStays) {
  Calls calls{.stop = true};
  make_executor_[1] = [&] { return std::make_unique<CountingExecutor>(calls); };
  const DevicesOutcome cancelled = run();
  EXPECT_EQ(cancelled.outcome.end, RunEnd::cancelled);
  EXPECT_THAT(cancelled.outcome.reason, StartsWith("second: "));
  calls.stop = false;
  calls.loads = 0;
  make_executor_[0] = []() -> std::unique_ptr<Executor> { throw std::logic_error("its part is finished"); };
  const DevicesOutcome resumed = run(/*resume=*/true);
  ASSERT_EQ(resumed.outcome.end, RunEnd::finished);
  EXPECT_EQ(calls.loads, 3);
  EXPECT_EQ(resumed.outcome.record.visits.size(), 24U);
}

TEST_F(DeviceRunTest, WorkersThatAreKilledOnOneDeviceAreItsRecordAlone) {
  make_executor_[0] = [] { return worker("exit@1000"); };
  make_executor_[1] = [] { return worker("kill@2"); };  // after the warm-up, again and again
  const DevicesOutcome outcome = run();
  ASSERT_EQ(outcome.outcome.end, RunEnd::finished);
  std::size_t done = 0, crashed = 0;
  for (const auto& configuration : outcome.outcome.record.configurations)
    for (const auto& cell : configuration.cells) {
      if (cell.status == store::CellStatus::done) ++done;
      if (cell.reason.starts_with("crash: the worker was killed by signal 9")) ++crashed;
    }
  EXPECT_EQ(done, 12U);
  EXPECT_EQ(crashed, 12U);
  for (const auto& visit : outcome.outcome.record.visits) EXPECT_EQ(visit.void_reason.empty(), visit.device == "first");
}

TEST_F(DeviceRunTest, MoreDevicesThanClipsAreRefused) {
  plan_ = testing::small_plan(1, {"null"});
  EXPECT_THROW(run(), UsageError);
}

}  // namespace
}  // namespace wan::run
