// A whole rollout by the sub-command: what it says, what it exits with, what it leaves behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/generator.h"
#include "harness/baseline/baseline_json.h"
#include "harness/cli/eval_options.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/resources.h"
#include "harness/plan/parse.h"
#include "harness/rollout/event_log.h"
#include "harness/rollout/flags.h"
#include "harness/store/record_text.h"
#include "metrics/scorer.h"
#include "tests/support/harness/records.h"
#include "tests/support/harness/rollouts.h"
#include "tests/support/harness/run_folders.h"
#include "tests/support/harness/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan::cli {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr const char* kId = "int8_linear";

plan::Known known() { return {.optimizations = list_optimizations(), .metrics = metrics::list_metrics()}; }

class EvalRollout : public ::testing::Test {
 protected:
  // The status and, on stdout, the JSON answer.
  int call(RolloutOptions options) {
    options.out = (folder_.path() / "runs").string();
    if (options.action == "start") options.configuration = kId;
    options.json = "-";
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    int status = -1;
    try {
      status = roll_out(options);
    } catch (...) {
      ::testing::internal::GetCapturedStdout();
      ::testing::internal::GetCapturedStderr();
      throw;
    }
    answer_ = Json::parse(::testing::internal::GetCapturedStdout());
    text_ = ::testing::internal::GetCapturedStderr();
    return status;
  }
  // What the sub-command would find after `wan-eval --config int8_linear` on a machine of the tests' own.
  store::RunRecord run_of(std::size_t prompts, std::size_t seeds, double factor = 1) const {
    store::RunRecord run = testing::evidence_run(prompts, seeds, "2999-01-01T00:00:00Z");
    run.model = "wan-tiny";
    auto& candidate = testing::candidate(run);  // which is `fast` until it gets the shipped one's name
    const auto config = plan::load_run_config({.suites_dir = suites_dir(), .assignments = {{.key = "configs", .value = kId}}}, known());
    candidate.configuration = config.selected.front();
    for (auto& cell : candidate.cells) {
      cell.configuration = kId;
      testing::score(cell, "lpips.alex").pooled.mean *= factor;
    }
    for (auto& visit : run.visits)
      if (visit.configuration == "fast") visit.configuration = kId;
    return run;
  }
  std::string put(const std::string& name, const store::RunRecord& run) const {
    return testing::store_run(folder_.path() / "runs", name, run).string();
  }
  // An entry of the configuration and a floor, as `baseline promote` leaves them.
  void promote() const {
    const store::RunRecord run = run_of(1, 1);
    baseline::Baseline promoted = testing::promoted_baseline();
    promoted.model = run.model;
    for (auto& entry : promoted.entries)
      if (entry.configuration == "fast") entry.configuration = kId;
    std::filesystem::create_directories(folder_.path() / "baselines");
    std::ofstream(folder_.path() / "baselines" / (baseline::file_stem(promoted.machine_class) + ".json")) << baseline::to_json(promoted);
  }
  rollout::FeatureFlags flags() const { return rollout::read_flags(folder_.path() / "runs/flags.toml", known()); }
  std::string baselines() const { return (folder_.path() / "baselines").string(); }

  testing::TemporaryFolder folder_;
  Json answer_;
  std::string text_;
};

TEST_F(EvalRollout, WalksToProductionAndAnAlertTakesItBack) {
  EXPECT_EQ(call({.action = "status"}), 0);
  EXPECT_TRUE(answer_["status"]["rollouts"].empty());
  EXPECT_EQ(call({.action = "start"}), 0);
  EXPECT_THAT(text_, HasSubstr("--suite smoke -k cat_on_chair --blocks 6"));
  EXPECT_EQ(call({.action = "advance"}), static_cast<int>(ExitStatus::nothing)) << "no run yet";
  put("1", run_of(1, 1));
  EXPECT_EQ(call({.action = "advance"}), 0);
  EXPECT_EQ(answer_["advance"]["to"], "batch");
  EXPECT_EQ(call({.action = "advance"}), static_cast<int>(ExitStatus::inconclusive)) << "a run, and no evidence for this phase";
  EXPECT_EQ(answer_["advance"]["result"], "no_evidence");
  put("2", run_of(10, 3));
  EXPECT_EQ(call({.action = "advance"}), 0);
  put("3", run_of(100, 5));
  EXPECT_EQ(flags().served(), nullptr);
  EXPECT_EQ(call({.action = "advance"}), 0);
  EXPECT_EQ(answer_["status"]["served"], kId);
  ASSERT_TRUE(flags().served());
  EXPECT_EQ(flags().served()->configuration, kId);
  EXPECT_USAGE_ERROR(call({.action = "advance"}), HasSubstr("no phase follows"));

  const std::string good = put("good", run_of(12, 1)), bad = put("bad", run_of(12, 1, 1.6));  // its own gates are held
  const auto alerts = folder_.path() / "alerts";
  const auto watch = [&](const std::string& samples) {
    return call({.action = "watch",
                 .samples = {samples},
                 .baselines = baselines(),
                 .on_alert = "printf '%s %s %s\\n' $WAN_ROLLOUT_CONFIGURATION $WAN_ROLLOUT_OUTCOME $WAN_ROLLOUT_CRITERION >> " +
                             alerts.string() + "; exit 3"});
  };
  EXPECT_EQ(watch(good), static_cast<int>(ExitStatus::nothing)) << "nothing is promoted";
  promote();
  EXPECT_EQ(watch(good), 0) << text_;
  EXPECT_FALSE(std::filesystem::exists(alerts));
  EXPECT_EQ(watch(bad), static_cast<int>(ExitStatus::failed)) << "whatever became of the command";
  EXPECT_EQ(testing::read_file(alerts), "int8_linear failed lpips.alex\n") << "once";
  EXPECT_EQ(answer_["on_alert"], "it exited with 3");
  EXPECT_THAT(text_, HasSubstr("it exited with 3"));
  EXPECT_EQ(answer_["status"]["served"], nullptr);
  EXPECT_EQ(flags().served(), nullptr);
  EXPECT_USAGE_ERROR(watch(good), HasSubstr("int8_linear: it was rolled back on"));
  EXPECT_EQ(testing::read_file(alerts), "int8_linear failed lpips.alex\n");
  EXPECT_EQ(call({.action = "start"}), 0) << "and begins anew";
}

TEST_F(EvalRollout, ARejectedRunEndsIt) {
  call({.action = "start"});
  store::RunRecord run = run_of(2, 1);
  testing::fail(testing::configuration(run, kId).cells[0], "crash: signal 11");
  put("bad", run);
  EXPECT_EQ(call({.action = "advance"}), static_cast<int>(ExitStatus::failed));
  EXPECT_EQ(answer_["advance"]["result"], "rolled_back");
  EXPECT_THAT(answer_["advance"]["reason"].get<std::string>(), HasSubstr("signal 11"));
  EXPECT_TRUE(answer_["status"]["rollouts"][0]["rolled_back"]);
}

TEST_F(EvalRollout, APersonMayEndItAndIsToldWhatIsMissing) {
  EXPECT_USAGE_ERROR(call({.action = "advance"}), HasSubstr("no rollout is under way"));
  EXPECT_USAGE_ERROR(call({.action = "rollback", .configuration = "fp8"}), HasSubstr("no rollout has been started in this store"));
  call({.action = "start"});
  EXPECT_USAGE_ERROR(call({.action = "watch", .samples = {"nowhere"}}), HasSubstr("only production is watched"));
  EXPECT_EQ(call({.action = "rollback", .reason = "a hunch"}), 0);
  EXPECT_EQ(answer_["status"]["rollouts"][0]["reason"], "asked: a hunch");
  EXPECT_USAGE_ERROR(call({.action = "start", .model = "no_such_model"}), HasSubstr("no_such_model"));
}

}  // namespace
}  // namespace wan::cli
