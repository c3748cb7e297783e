// What the speed gate promises of whole runs, by simulation with fixed seeds: records of planned blocks, asked for what they leave open,
// then with their extension. Beside tests/harness/measure/simulation_test.cpp, which simulates the bare decision at a fixed materiality:
// here noise may widen it. WAN_SIMULATION_REPETITIONS sets the repetitions; bounds on shares have an allowance of three binomial
// deviations.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "harness/gate/judge.h"
#include "harness/gate/speed_gate.h"
#include "tests/support/harness/records.h"
#include "tests/support/harness/simulated_visits.h"

namespace wan::gate {
namespace {

constexpr std::uint64_t kSeed = 20261123;
constexpr std::size_t kBlocks = 12;

std::size_t repetitions() {
  const char* asked = std::getenv("WAN_SIMULATION_REPETITIONS");  // NOLINT(concurrency-mt-unsafe): no other thread is there
  return asked ? std::stoul(asked) : 4000;
}

double allowance(double share) { return 3 * std::sqrt(share * (1 - share) / static_cast<double>(repetitions())); }

void add_blocks(store::RunRecord& run, std::span<const double> log_ratios) {
  for (const double log_ratio : log_ratios) {
    const auto block = static_cast<std::int64_t>(run.visits.size() / 2);
    run.visits.push_back({.configuration = "phase0", .block = block, .clip_s = {1.0}});
    run.visits.push_back({.configuration = "fast", .block = block, .clip_s = {std::exp(log_ratio)}});
  }
}

struct Shares {
  double rejected_first = 0, held_first = 0;  // after twelve blocks
  double rejected = 0, held = 0;              // for good
  double extended = 0;
};

Shares simulate(const testing::Surroundings& surroundings, double slowdown) {
  testing::SimulatedMachine machine(kSeed);
  const double share = 1 / static_cast<double>(repetitions());
  const store::RunRecord empty = [] {
    store::RunRecord run = testing::good_run();
    run.visits.clear();
    run.blocks = kBlocks;
    run.extension.blocks = kBlocks;
    for (auto& configuration : run.configurations) configuration.cells.resize(1);
    return run;
  }();
  Shares shares;
  for (std::size_t i = 0; i < repetitions(); ++i) {
    const auto disturbances = machine.disturbances(4 * kBlocks, surroundings);
    std::vector<bool> candidate_first;
    for (std::size_t block = 0; block < 2 * kBlocks; ++block) candidate_first.push_back(machine.coin());
    const auto log_ratios = testing::interleaved(disturbances, candidate_first, std::log1p(slowdown));
    store::RunRecord run = empty;
    add_blocks(run, std::span(log_ratios).first(kBlocks));
    Outcome outcome = judge_speed(run, testing::candidate(run)).outcome;
    shares.rejected_first += outcome == Outcome::rejected ? share : 0;
    shares.held_first += outcome == Outcome::held ? share : 0;
    run.extension.configurations = open_speeds(run);
    run.extension.decided = true;
    EXPECT_EQ(run.extension.configurations.empty(), outcome != Outcome::inconclusive);
    if (!run.extension.configurations.empty()) {
      shares.extended += share;
      add_blocks(run, std::span(log_ratios).subspan(kBlocks));
      outcome = judge_speed(run, testing::candidate(run)).outcome;
    }
    shares.rejected += outcome == Outcome::rejected ? share : 0;
    shares.held += outcome == Outcome::held ? share : 0;
  }
  return shares;
}

struct Scenario {
  const char* name;
  testing::Surroundings surroundings;
};

const Scenario kScenarios[] = {{"white noise", {}},
                               {"drift 3 %", {.drift = 0.03}},
                               {"drift 3 %, hiccups", {.drift = 0.03, .hiccup_share = 0.04}},
                               {"same, medians of 3", {.drift = 0.03, .hiccup_share = 0.04, .runs = 3}}};

TEST(Simulation, TheGateWithItsExtensionKeepsItsPromises) {
  fmt::print("{} runs a row, paired noise {:.2f} %, materiality 1 %\n{:22}{:>10}{:>12}{:>10}{:>10}{:>10}{:>10}\n", repetitions(),
             100 * testing::kPairedNoise, "", "slower by", "rejected 12", "held 12", "extended", "rejected", "held");
  for (const auto& [name, surroundings] : kScenarios) {
    SCOPED_TRACE(name);
    const auto at = [&](double slowdown) {
      const Shares shares = simulate(surroundings, slowdown);
      fmt::print("{:22}{:>9.1f}%{:>12.4f}{:>10.4f}{:>10.4f}{:>10.4f}{:>10.4f}\n", name, 100 * slowdown, shares.rejected_first,
                 shares.held_first, shares.extended, shares.rejected, shares.held);
      return shares;
    };
    const Shares same = at(0), at_materiality = at(0.01), more = at(0.016), two = at(0.02);
    EXPECT_LE(same.rejected, 0.05 + allowance(0.05));
    EXPECT_LE(at_materiality.rejected, 0.05 + allowance(0.05));
    const bool hiccups_of_single_runs = surroundings.hiccup_share > 0 && surroundings.runs == 1;
    if (hiccups_of_single_runs) continue;  // they take power, as simulation_test.cpp says
    EXPECT_GE(two.rejected_first, 0.9 - allowance(0.9));
    EXPECT_GE(more.rejected, 0.9 - allowance(0.9));
    EXPECT_GE(same.held, 0.95 - allowance(0.95));
  }
}

}  // namespace
}  // namespace wan::gate
