// A/A: a configuration that is its baseline, walked by the runner through blocks, visits and stored records to the speed gate, on virtual
// clocks as bad as machines get: heavy tails (Student t of 2 degrees of freedom), drift over the session, hiccups of whole clips.
//
// The gate's promise (gate/speed_gate.cpp) is "equal" in 98 % of such sessions. Of 200 it may miss by three binomial standard deviations,
// 3 sqrt(0.98 * 0.02 / 200) = 0.030, which leaves 0.95. A difference is called in at most 2.5 % at that end, whatever the materiality:
// with 3 sqrt(0.025 * 0.975 / 200) = 0.033 at most 11 of 200 sessions.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "harness/gate/speed_gate.h"
#include "harness/run/runner.h"
#include "tests/support/harness/fake_executor.h"
#include "tests/support/harness/simulated_visits.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::run {
namespace {

constexpr std::uint64_t kSeed = 20261123;
constexpr int kSessions = 200;
constexpr std::size_t kBlocks = 12;
constexpr double kVisits = 2 * kBlocks;

struct Surroundings {
  const char* name;
  double scale;        // of the log time of a clip
  bool heavy = false;  // Student t of 2 degrees of freedom, else uniform
  double drift = 0;    // of the log time over the session
  double hiccups = 0;  // share of clips that take half as long again
};

constexpr Surroundings kSurroundings[] = {{.name = "quiet", .scale = testing::kPairedNoise},
                                          {.name = "heavy tails, drift 3 %", .scale = 0.0051, .heavy = true, .drift = 0.03},
                                          {.name = "busy machine", .scale = 0.03, .heavy = true, .drift = 0.2, .hiccups = 0.05}};

class Same : public ::testing::Test {
 protected:
  Same() {
    plan_.configurations.erase(plan_.configurations.begin() + 1);
    plan_.configurations[1].configuration.speed_baseline = "bf16";
    std::erase_if(plan_.cells, [](const auto& cell) { return cell.configuration == 1; });
    for (auto& cell : plan_.cells) cell.configuration = cell.configuration == 0 ? 0 : 1;
  }

  double uniform() { return (static_cast<double>(random_() >> 11) + 0.5) * 0x1p-53; }
  double clip_s(const Surroundings& surroundings, double share_of_session) {
    const double u = uniform();
    const double noise = surroundings.heavy ? (2 * u - 1) / std::sqrt(2 * u * (1 - u)) : std::sqrt(12) * (u - 0.5);
    const double hiccup = uniform() < surroundings.hiccups ? std::log(1.5) : 0;
    return 40 * std::exp(surroundings.scale * noise + surroundings.drift * share_of_session + hiccup);
  }
  gate::Outcome session(const Surroundings& surroundings, std::uint64_t order_seed);

  plan::RunPlan plan_ = testing::small_plan(kBlocks, {"null"});
  const RunRequest request_ = testing::small_request();
  std::mt19937_64 random_{kSeed};
};

gate::Outcome Same::session(const Surroundings& surroundings, std::uint64_t order_seed) {
  const testing::TemporaryFolder root;
  const plan::Schedule schedule = plan::make_schedule(plan_, kBlocks, order_seed);
  double now_s = 0, clips = 0;
  testing::FakeEngine engine;
  engine.on_generate = [&](const GenerationRequest& request, GenerationResult&) {
    if (request.steps == plan_.shape.steps) now_s += clip_s(surroundings, ++clips / kVisits);
  };
  store::RunFolder folder = store::RunFolder::create(root.path(), make_record(plan_, schedule, request_), "same");
  Reporter reporter({}, Eta{}, plan_.cells.size());
  Runner({.plan = plan_,
          .schedule = schedule,
          .request = request_,
          .make_executor = [&] { return engine.make(); },
          .residents = {.most = 2},
          .folder = folder,
          .reporter = reporter,
          .now_s = [&] { return now_s; }})
      .run();
  const store::RunRecord run = store::read_run(folder.path());
  EXPECT_EQ(clips, kVisits);
  return gate::judge_speed(run, run.configurations.at(1)).outcome;
}

TEST_F(Same, AConfigurationThatIsItsBaselineIsHeldHoweverBadTheMachine) {
  for (const Surroundings& surroundings : kSurroundings) {
    std::map<gate::Outcome, int> outcomes;
    for (int i = 0; i < kSessions; ++i) ++outcomes[session(surroundings, kSeed + static_cast<std::uint64_t>(i))];
    fmt::print("{}: of {} sessions", surroundings.name, kSessions);
    for (const auto& [outcome, count] : outcomes) fmt::print(" {} {}", count, to_string(outcome));
    fmt::print("\n");
    EXPECT_GE(outcomes[gate::Outcome::held], 0.95 * kSessions) << surroundings.name;
    EXPECT_LE(outcomes[gate::Outcome::rejected], 11) << surroundings.name;
    EXPECT_EQ(outcomes[gate::Outcome::failed], 0) << "nothing was claimed or required";
  }
}

}  // namespace
}  // namespace wan::run
